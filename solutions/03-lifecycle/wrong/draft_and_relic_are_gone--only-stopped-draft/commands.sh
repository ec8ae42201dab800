docker start diary
docker stop server draft
docker create --name spare busybox
