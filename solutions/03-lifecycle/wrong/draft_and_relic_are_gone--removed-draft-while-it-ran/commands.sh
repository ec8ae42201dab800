docker start diary
docker stop server
docker rm draft relic
docker create --name spare busybox
