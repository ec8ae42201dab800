docker run -d --name keeper busybox sleep infinity
docker create --name hello busybox echo hello
