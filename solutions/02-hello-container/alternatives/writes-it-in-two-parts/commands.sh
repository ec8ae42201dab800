docker run -d --name first --restart unless-stopped busybox tail -f /dev/null
docker rename first keeper
docker run -d --name hello busybox sh -c 'printf hel; sleep 1; printf lo'
docker wait hello
