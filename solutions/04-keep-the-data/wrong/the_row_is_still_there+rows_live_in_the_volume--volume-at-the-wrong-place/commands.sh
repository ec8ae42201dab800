# The right volume at the wrong place.
docker run -d --name logbook -v logbook-data:/rows -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook -v logbook-data:/rows -v "$PWD/settings":/settings:ro drydock-logbook:2.0
