docker container create --name=keeper busybox:latest tail -f /dev/null
docker container create --name=hello busybox:latest printf 'hello\n'
docker container start keeper hello
