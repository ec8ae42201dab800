#!/usr/bin/env bash
# What `grader check 06-ml-api` asks of the engine, with nothing around it: the bare engine's work to compare with.
# usage: check_latency.sh FOLDER
set -euo pipefail
folder=$1
tag=drydock-bench:$$
containers=()
trap 'docker rm -f "${containers[@]}" >/dev/null 2>&1; docker image rm -f "$tag" >/dev/null 2>&1' EXIT

start() { # prints nothing; sets $id and $url
    id=$(docker run -d --label drydock-bench -p 127.0.0.1::8000 --memory 512m --pids-limit 128 "$tag")
    containers+=("$id")
    url=http://$(docker port "$id" 8000/tcp)
    until [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" = 200 ]; do sleep 0.05; done
}
ask() { curl -s -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' -d "$1" "$url/predict" >/dev/null; }
penguin() { printf '{"bill_length_mm": %s, "bill_depth_mm": %s, "flipper_length_mm": %s, "body_mass_g": %s}' "$@"; }

docker buildx build --quiet --load --label drydock-bench -t "$tag" "$folder" >/dev/null

began=$(date +%s%N) # is up, still is five seconds after its start
start
left=$((5000 - ($(date +%s%N) - began) / 1000000))
[ "$left" -le 0 ] || sleep "$((left / 1000)).$(printf %03d $((left % 1000)))"
[ "$(docker inspect -f '{{.State.Running}}' "$id")" = true ]
[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" = 200 ]
docker rm -f "$id" >/dev/null

start # predicts
ask "$(penguin 38.9 18.6 187 3550)"
ask "$(penguin 49.9 18.8 198 3700)"
ask "$(penguin 46.8 14.9 219 5200)"
ask "$(penguin 44.3 17.1 201.5 4010.5)"
ask "$(penguin '"wide"' 18.6 187 3550)"
ask "$(penguin 38.9 18.6 187 -1)"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" = 200 ]
docker rm -f "$id" >/dev/null

start # does not run as root, and is small
[ "$(docker exec "$id" sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' /proc/1/status)" != 0 ]
docker rm -f "$id" >/dev/null
[ "$(docker image inspect -f '{{.Size}}' "$tag")" -lt 280000000 ]
