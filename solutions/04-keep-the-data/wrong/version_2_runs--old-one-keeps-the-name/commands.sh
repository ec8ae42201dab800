# The old one still has the name.
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker stop -t 1 logbook
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
docker start logbook
