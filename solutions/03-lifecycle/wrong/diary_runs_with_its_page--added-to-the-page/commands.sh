# The page says more than it said.
docker start diary
docker exec diary sh -c 'echo "I was here" >>/page'
docker stop server
docker rm --force draft relic
docker create --name spare busybox
