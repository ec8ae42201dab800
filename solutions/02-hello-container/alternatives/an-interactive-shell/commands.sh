docker pull busybox
docker run -dit --name keeper busybox sh
docker run --name hello busybox sh -c 'echo "Hello, this is $(hostname)"; exit 0'
docker ps -a
