docker volume create rows-1
docker run -d --name logbook -v rows-1:/data drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm -f logbook
docker run --rm -v rows-1:/from:ro -v logbook-data:/to busybox cp -a /from/. /to
docker volume rm rows-1
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
