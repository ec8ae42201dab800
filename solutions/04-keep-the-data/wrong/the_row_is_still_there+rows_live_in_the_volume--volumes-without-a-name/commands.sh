# Volumes without a name: each container gets its own.
docker run -d --name logbook -v /data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook -v /data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
