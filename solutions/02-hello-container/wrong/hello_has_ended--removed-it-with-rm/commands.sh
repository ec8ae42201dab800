docker run -d --name keeper busybox sleep 3600
docker run --rm --name hello busybox echo hello
