# A folder with the name of the volume.
docker run -d --name logbook -v "$PWD/logbook-data":/data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook -v "$PWD/logbook-data":/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
