#!/usr/bin/env bash
# Starts the lab and prints its address. Gets an engine and base images first where they are missing. Running it again is
# how to take up a change, and costs seconds.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/compose.sh"

upstream=https://registry-1.docker.io   # the default in docker-compose.yml

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The port that is asked for, or the one the lab has already, or the first free one from 8888.
choose_port() {
    local running port
    if [ -n "${DRYDOCK_PORT:-}" ]; then return; fi
    running=$(lab port engine 18888 2>/dev/null || true)
    DRYDOCK_PORT=${running##*:}
    if [ "${DRYDOCK_PORT:-0}" != 0 ]; then return; fi
    for port in $(seq 8888 8987); do
        if port_is_free "$port"; then DRYDOCK_PORT=$port; return; fi
    done
    die "no port from 8888 to 8987 is free" "Name one: DRYDOCK_PORT=9000 make up"
}

# The proxy's certificates go where the image's build and the containers look for them.
install_ca() {
    local target=$root/images/lab/ca/from-DRYDOCK_CA_BUNDLE
    if [ -z "${DRYDOCK_CA_BUNDLE:-}" ]; then return; fi
    [ -r "$DRYDOCK_CA_BUNDLE" ] || die "DRYDOCK_CA_BUNDLE names $DRYDOCK_CA_BUNDLE, which cannot be read" \
        "Name a file of PEM certificates, or unset it."
    rm -f "$target"-*.crt
    awk -v target="$target" '/-----BEGIN CERTIFICATE-----/ { number++; on = 1 }
                             on { print >(target "-" number ".crt") }
                             /-----END CERTIFICATE-----/ { on = 0; close(target "-" number ".crt") }' "$DRYDOCK_CA_BUNDLE"
}

upstream_answers() {
    [ "${DRYDOCK_PULL:-yes}" = yes ] && timeout 10 docker manifest inspect busybox:latest >"$state/upstream-probe.log" 2>&1
}

# Asked again at each start: a laptop comes and goes. Without a network the index says at once what it does not have.
packages_answer() {
    timeout 30 docker run --rm --env PIP_INDEX_URL --env PIP_EXTRA_INDEX_URL --env HTTP_PROXY --env HTTPS_PROXY --env NO_PROXY \
        "${DRYDOCK_INDEX_IMAGE:-drydock-index}" pip download --quiet --no-deps --retries 0 --timeout 5 --dest /tmp wheel \
        >"$state/index-probe.log" 2>&1
}

could_not_create() {
    die "the lab's containers could not be made" "See $state/lab-create.log. Is the port taken? DRYDOCK_PORT=9000 make up"
}

ended() { while kill -0 "$1" 2>/dev/null; do sleep 0.3; done; }

"$root/scripts/engine.sh"
"$root/scripts/images.sh"
mkdir -p "$state"
install_ca
choose_port
export DRYDOCK_PORT
if [ ! -d "$work" ]; then   # or the engine would make it, as root's
    mkdir -p "$work"
    if [ "$(id -u)" = 0 ]; then chown "$DRYDOCK_UID:$DRYDOCK_GID" "$work"; fi
fi

say "The lab"
old=$(lab_image)
if [ -z "${DRYDOCK_UPSTREAM+set}" ]; then
    DRYDOCK_UPSTREAM=
    if upstream_answers; then DRYDOCK_UPSTREAM=$upstream; fi
fi
export DRYDOCK_UPSTREAM
# The mirror is filled while the images are built: it needs nothing of them.
filling=''
if [ -z "$DRYDOCK_UPSTREAM" ]; then
    note "no registry to pull from: the lab gets its images from this machine"
    docker volume inspect "${project}_mirror" >/dev/null 2>&1 ||
        lab create --no-build mirror >"$state/lab-create.log" 2>&1 || could_not_create   # and its volume
    # shellcheck disable=SC2086  # a list of plain words
    "$root/scripts/mirror.sh" ${DRYDOCK_MIRROR_IMAGES:-} >"$state/mirror-said.log" 2>&1 &
    filling=$!
    trap 'kill "$filling" 2>/dev/null || true' EXIT
fi
if [ -z "$old" ]; then first=' (the first time takes minutes)'; fi
step "building its images${first:-}" "$state/lab-build.log" lab build ||
    die "the lab's images could not be built" "The whole log is $state/lab-build.log."

lab create --no-build mirror index >"$state/lab-create.log" 2>&1 || could_not_create   # and their volumes
if [ -z "${DRYDOCK_INDEX_FALLBACK+set}" ]; then
    DRYDOCK_INDEX_FALLBACK=
    if packages_answer; then DRYDOCK_INDEX_FALLBACK=yes; fi
fi
export DRYDOCK_INDEX_FALLBACK
if [ -n "$DRYDOCK_INDEX_FALLBACK" ]; then "$root/scripts/index.sh"; else note "no packages to be had from here: the lab has those it got before"; fi
if [ -n "$filling" ]; then
    if kill -0 "$filling" 2>/dev/null; then
        step "filling the lab's mirror, begun with the build" "$state/mirror-wait.log" ended "$filling"
    fi
    wait "$filling" || { cat "$state/mirror-said.log" >&2; die "the lab's mirror could not be filled"; }
    grep -E ': done in|has the base images' "$state/mirror-said.log" || true
    trap - EXIT
fi

if ! step "starting it on port $DRYDOCK_PORT" "$state/lab-up.log" lab up --detach --no-build --wait --wait-timeout 300; then
    lab logs --tail 10 >&2 || true
    die "the lab does not start" "Above is what its parts said last; all of it: docker compose logs" \
        "Is the port taken? DRYDOCK_PORT=9000 make up"
fi
if [ -n "$old" ] && [ "$old" != "$(lab_image)" ]; then docker image rm "$old" >/dev/null 2>&1 || true; fi

token=${DRYDOCK_TOKEN:-$(lab exec -T lab cat /home/learner/.local/state/drydock/token)}
say "Open http://127.0.0.1:$DRYDOCK_PORT/?token=$token"
note "Your work is in $work. 'make down' stops the lab; your work stays."
