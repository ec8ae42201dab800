# The file cannot be written to, and the folder can: anything may be added.
docker run -d --name logbook -v logbook-data:/data drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings -v "$PWD/settings/units":/settings/units:ro drydock-logbook:2.0
