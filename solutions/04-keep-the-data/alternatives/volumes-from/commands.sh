docker create --name old -v logbook-data:/data:rw -v ./settings/units:/settings/units:ro drydock-logbook:1.0
docker start old
docker exec old add Adelie 3700
docker stop -t 1 old
docker run -d --read-only --volumes-from old --name logbook drydock-logbook:2.0
docker container prune -f
