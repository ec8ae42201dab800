docker start diary
docker stop server
docker rename draft old-draft
docker rm -f old-draft
docker create --name spare busybox
