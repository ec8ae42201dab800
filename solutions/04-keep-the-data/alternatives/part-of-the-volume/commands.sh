# A folder of the volume, and settings that are nobody else's.
chmod 700 settings && chmod 600 settings/units
docker volume create logbook-data
docker run --rm -v logbook-data:/all busybox mkdir /all/part
part=type=volume,source=logbook-data,target=/data,volume-subpath=part
docker run -d --name logbook --mount $part drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker rm --force logbook
docker run -d --name logbook --mount $part -v "$PWD/settings":/settings:ro drydock-logbook:2.0
