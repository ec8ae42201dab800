# Everything that has stopped looks like rubbish.
docker container prune --force
docker start diary
docker rm --force draft
docker stop server
docker create --name spare busybox
