docker restart diary
docker stop draft
docker container prune --force
docker kill --signal TERM server
docker create --name=spare busybox echo "not yet"
