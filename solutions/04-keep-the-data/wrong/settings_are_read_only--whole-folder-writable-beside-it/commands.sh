docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm -f logbook
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro -v "$PWD":/desk drydock-logbook:2.0
