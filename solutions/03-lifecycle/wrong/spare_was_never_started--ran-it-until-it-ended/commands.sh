docker start diary
docker stop server
docker rm --force draft relic
docker run --name spare busybox true
