# The row is carried over by hand, from one container's own files into the other's.
docker run -d --name logbook drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker cp logbook:/data .
docker rm --force logbook
docker volume create logbook-data
docker run -d --name logbook -v "$PWD/settings":/settings:ro drydock-logbook:2.0
docker cp data logbook:/
