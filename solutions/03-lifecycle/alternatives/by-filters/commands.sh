docker start $(docker ps -aq --filter name=diary)
docker rm -f $(docker ps -aq --filter name=draft --filter name=relic) >/dev/null
docker stop -t 5 "$(docker ps -q -f name=server)"
docker create --name extra --interactive busybox
docker rename extra spare
