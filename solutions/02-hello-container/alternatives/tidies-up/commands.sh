docker run busybox echo "a first try"
docker run -d --name first busybox sleep 3600
docker run --rm busybox true
docker container prune --force
docker rename first keeper
docker run --name hello busybox echo HELLO
