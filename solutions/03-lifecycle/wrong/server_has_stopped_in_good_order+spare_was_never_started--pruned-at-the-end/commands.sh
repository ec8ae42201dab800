docker start diary
docker stop server
docker create --name spare busybox
docker rm --force draft
docker container prune --force
