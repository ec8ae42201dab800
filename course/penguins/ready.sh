#!/bin/sh
# Waits until a container's log says that it is ready; a minute at most.
docker inspect "$1" > /dev/null || exit
for _ in $(seq 600); do
    docker logs "$1" 2>&1 | grep -q ready && exit
    sleep 0.1
done
