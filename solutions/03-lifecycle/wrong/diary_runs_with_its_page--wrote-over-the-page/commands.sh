docker start diary
docker exec diary sh -c 'echo "the page" > /page'
docker stop server
docker rm --force draft relic
docker create --name spare busybox
