docker start diary
docker stop server
docker rm -f draft relic
docker run -d --name spare busybox no-such-program
