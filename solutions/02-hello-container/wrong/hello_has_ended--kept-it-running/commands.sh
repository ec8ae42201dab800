docker run -d --name keeper busybox sleep 3600
docker run -d --name hello busybox sh -c 'echo hello; sleep 3600'
