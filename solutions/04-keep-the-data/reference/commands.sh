# The volume is made when it is first named. It is mounted where the program writes.
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700

# The container goes, the volume stays.
docker rm --force logbook
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
docker exec logbook rows
