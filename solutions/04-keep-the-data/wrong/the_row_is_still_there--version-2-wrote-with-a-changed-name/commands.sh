docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
docker exec logbook sh -c "add Adelie 3700; sed -i s/^2.0/1.0/ /data/rows"
