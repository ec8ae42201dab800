docker start diary
docker logs --follow diary
docker stop server
docker rm --force draft relic
docker create --name spare busybox
