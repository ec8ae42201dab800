# Out of sight, and still there.
docker start diary
docker stop server draft
docker rename draft old-draft
docker rename relic old-relic
docker create --name spare busybox
