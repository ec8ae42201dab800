docker run --name keeper busybox sleep 100000 &
docker run --name hello busybox echo hello
sleep 2
