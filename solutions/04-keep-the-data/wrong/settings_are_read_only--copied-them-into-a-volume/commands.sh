# Copied into a volume, which is read-only then.
docker run --rm -v settings:/to -v "$PWD/settings":/from busybox cp /from/units /to
docker run -d --name logbook -v logbook-data:/data -v settings:/settings:ro drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook -v logbook-data:/data -v settings:/settings:ro drydock-logbook:2.0
