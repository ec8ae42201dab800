docker start diary
docker cp diary:/page page
docker exec diary rm /page
docker cp page diary:/page
docker stop server
docker rm -f draft relic
docker create --name spare busybox
