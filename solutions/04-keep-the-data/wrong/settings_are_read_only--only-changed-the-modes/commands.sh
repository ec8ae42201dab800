# Nobody may write, it seems; but root may everything.
chmod -R a-w settings
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook -v logbook-data:/data -v "$PWD/settings":/settings drydock-logbook:2.0
