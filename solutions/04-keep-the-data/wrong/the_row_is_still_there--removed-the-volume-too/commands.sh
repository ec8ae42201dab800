# Thorough, too thorough.
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force --volumes logbook
docker volume prune --all --force
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
