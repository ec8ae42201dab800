docker start diary
docker stop server
docker rm -f draft relic
docker create --name spare busybox
docker start spare
docker stop -t 0 spare
