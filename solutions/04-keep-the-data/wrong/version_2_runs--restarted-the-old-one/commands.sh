# Restarted, not replaced.
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker restart -t 1 logbook
docker exec logbook rows
