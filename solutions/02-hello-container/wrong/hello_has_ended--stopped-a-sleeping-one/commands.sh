docker run -d --name keeper busybox sleep 3600
docker run --name hello --label "says=hello" busybox sleep 3600 &
docker run busybox echo hello
sleep 2
docker stop -t 0 hello
