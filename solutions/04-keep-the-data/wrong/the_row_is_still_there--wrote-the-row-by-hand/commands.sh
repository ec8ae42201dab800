# Written by hand: version 1.0 never ran.
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings:ro drydock-logbook:2.0
docker exec logbook sh -c 'echo "1.0: Adelie 3700 grams" >>/data/rows'
