docker run -d --name keeper busybox sleep 3600
docker run --name hello busybox echo hello
docker attach keeper
