docker restart -t 1 diary
docker exec server kill -TERM 1
docker wait server
docker kill draft
docker rm draft relic
docker create --name spare --restart always busybox sleep infinity
