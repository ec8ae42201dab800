docker start diary
docker exec server sh -c 'echo goodbye >/proc/1/fd/1'
docker kill server
docker rm -f draft relic
docker create --name spare busybox
