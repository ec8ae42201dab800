docker run -d --name keeper busybox
docker run --name hello busybox echo hello
