docker run -d --name keeper busybox sleep infinity
docker run --name hello busybox echo hello
docker create busybox
