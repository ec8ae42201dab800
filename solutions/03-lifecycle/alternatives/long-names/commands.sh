set -e
docker container stop draft server
docker container rm draft relic
docker container start diary
docker container create --name spare busybox
docker container ls --all
