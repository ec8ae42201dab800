docker start diary
docker stop server
docker rm --force draft relic
docker run --detach --name spare busybox sleep 3600
