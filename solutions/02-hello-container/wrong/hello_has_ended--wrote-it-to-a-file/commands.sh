docker run -d --name keeper busybox sleep infinity
docker run --name hello busybox sh -c 'echo hello >/hello'
