# An update inside of the old container.
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker exec logbook sh -c 'echo 2.0 >/version'
