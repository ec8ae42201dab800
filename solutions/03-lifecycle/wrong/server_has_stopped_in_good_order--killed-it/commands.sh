docker start diary
docker kill server
docker rm --force draft relic
docker create --name spare busybox
