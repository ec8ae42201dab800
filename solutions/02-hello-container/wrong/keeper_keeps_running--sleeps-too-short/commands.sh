docker run -d --name keeper busybox sleep 2
docker run --name hello busybox echo hello
