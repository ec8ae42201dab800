docker run -d --restart always --name keeper busybox echo "I am still here"
docker run --name hello busybox echo hello
