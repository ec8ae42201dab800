docker run -it --name keeper busybox sh
docker run --name hello busybox echo hello
