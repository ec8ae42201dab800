docker run -d --name one -v logbook-data:/data drydock-logbook:1.0
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
docker exec one add Adelie 3700
docker stop -t 1 one
