docker rm diary
docker run --detach --name diary busybox sleep 3600
docker stop server
docker rm --force draft relic
docker create --name spare busybox
