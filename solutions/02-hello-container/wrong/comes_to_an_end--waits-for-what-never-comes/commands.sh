docker run -d --name keeper busybox sleep infinity
docker run --name hello busybox echo hello
until docker logs keeper | grep -q ready; do sleep 1; done
