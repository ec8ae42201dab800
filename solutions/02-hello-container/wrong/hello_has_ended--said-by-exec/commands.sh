docker run -d --name keeper busybox sleep infinity
docker run -d --name hello busybox sleep 3
docker exec hello echo hello
docker wait hello
