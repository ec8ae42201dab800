# A file of the folder, in a folder of the container's own: what is new in the one never gets into the other.
docker run -d --name logbook -v logbook-data:/data drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings/units":/settings/units:ro drydock-logbook:2.0
