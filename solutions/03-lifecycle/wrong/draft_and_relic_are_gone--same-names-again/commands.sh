docker start diary
docker stop server
docker rm -f draft relic
docker create --name relic busybox
docker create --name spare busybox
