docker start diary
docker stop server
docker rm --force draft relic
docker create --name spare busybox
docker start server
