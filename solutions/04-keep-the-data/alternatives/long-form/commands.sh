set -e
docker volume create logbook-data
docker run --rm --mount source=logbook-data,target=/data drydock-logbook:1.0 add Adelie 3700
docker run --detach --name logbook --restart unless-stopped \
    --mount type=volume,source=logbook-data,target=/data \
    --mount "type=bind,source=$(pwd)/settings,target=/settings,readonly" \
    drydock-logbook:2.0
