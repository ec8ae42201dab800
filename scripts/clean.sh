#!/usr/bin/env bash
# Removes what Drydock put on this machine, after saying what that is. Learners' work stays.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/compose.sh"

engine=''
if command -v docker >/dev/null && engine_answers; then engine=yes; fi
pid=$(cat "$state/engine.pid" 2>/dev/null || true)
if [ "$(cat "/proc/${pid:-none}/comm" 2>/dev/null)" != dockerd ]; then pid=''; fi   # not ours, or gone

say "This removes"
if [ -n "$engine" ]; then
    note "the lab '$project': its containers, its images, and its volumes (what was built, pulled and stored in the lab)"
    note "the stand-ins for base images; official images stay"
    note "the prepared disks for engines on which submissions are graded"
fi
for path in .venv .drydock .mypy_cache .ruff_cache .pytest_cache; do
    if [ -e "$root/$path" ]; then note "$root/$path"; fi
done
cache=${DRYDOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drydock}
if [ -d "$cache" ]; then note "what is in $cache: results that tests keep, and which disks were prepared"; fi
if [ -n "$pid" ]; then note "the Docker engine that Drydock started (process $pid) is stopped, and with it all its containers"; fi
note "It keeps your work in $work, this engine's build cache (docker builder prune), and installed packages."

if [ "${YES:-}" != 1 ]; then
    [ -t 0 ] || die "nobody is here to say yes" "YES=1 make clean"
    read -r -p "Go on? [y/N] " answer
    case $answer in y|Y|yes) ;; *) note "Nothing was removed."; exit 1 ;; esac
fi

if [ -n "$engine" ]; then
    step "removing the lab" "$state/clean.log" lab down --volumes --remove-orphans
    docker image rm "${DRYDOCK_LAB_IMAGE:-drydock-lab}" "${DRYDOCK_INDEX_IMAGE:-drydock-index}" >/dev/null 2>&1 || true
    "$root/scripts/images.sh" --remove
    # the disks for isolated engines (grader/engine/isolated/disk.py), each a gigabyte or two
    docker volume ls --quiet --filter label=drydock.disk | while read -r disk; do docker volume rm "$disk" >/dev/null 2>&1 || true; done
fi
if [ -n "$pid" ]; then
    kill "$pid"
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
fi
rm -f "$root"/images/lab/ca/*.crt
rm -rf "$cache/results" "$cache/disks"
rmdir "$cache" 2>/dev/null || true
cd "$root" && rm -rf .venv .drydock .mypy_cache .ruff_cache .pytest_cache
say "Removed. 'make up' brings it all back."
