#!/usr/bin/env bash
# Puts base images from this machine's engine into the lab's mirror, for a lab that has no registry to pull from:
# the images named, or every tag of every recipe in images/ that is there. Costs nothing when they are in it already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/compose.sh"

volume=${project}_mirror
marker=drydock-filled   # in the volume, so that it goes when the volume goes
index=$root/images/index

base_images() {
    local recipe
    for recipe in "$root"/images/*/image.env; do
        (
            # shellcheck source=/dev/null
            . "$recipe"
            for tag in $TAGS; do echo "$IMAGE:$tag"; done
        )
    done
}

with_ids() { local image; for image in "$@"; do docker image inspect --format "$image {{.Id}}" "$image" 2>/dev/null || true; done; }

# as_served IMAGE: what the mirror has under this name. Where there is a Python, that is the image with one layer more, by
# which pip and uv know the lab's package index: learners' Dockerfiles need not.
as_served() {
    case $1 in
        python:*)
            docker build --quiet --label drydock.index=yes --file - "$index" <<END
FROM $1
COPY pip.conf /etc/pip.conf
COPY uv.toml /etc/uv/uv.toml
END
            ;;
        *) echo "$1" ;;
    esac
}

in_volume() { docker run --rm --interactive --network none --volume "$volume:/mirror" --entrypoint sh registry:2 -c "$1"; }

try_for_a_while() { local left=20; until "$@"; do left=$((left - 1)); [ "$left" -gt 0 ] || return 1; sleep 0.5; done; }

push_all() { # push_all IMAGE…: through a registry without an upstream that lives for this moment
    local name=$volume-filler address image target
    docker rm --force "$name" >/dev/null 2>&1 || true
    # shellcheck disable=SC2064  # the name is needed now: the variable is gone when the trap runs
    trap "docker rm --force --volumes '$name' >/dev/null 2>&1" EXIT
    docker run --detach --name "$name" --publish 127.0.0.1::5000 --volume "$volume:/var/lib/registry" registry:2
    address=$(docker port "$name" 5000/tcp | head -n 1)
    # It has just been started; the address is this machine's only where the engine is, so the engine does the asking.
    for image in "$@"; do
        case $image in */*) target=$address/$image ;; *) target=$address/library/$image ;; esac
        docker tag "$(as_served "$image")" "$target"
        try_for_a_while docker push --quiet "$target" || { docker image rm "$target"; return 1; }
        docker image rm "$target" >/dev/null
    done
}

if [ $# = 0 ]; then mapfile -t images < <(base_images); else images=("$@"); fi
wanted=$(with_ids "${images[@]}")
[ -n "$wanted" ] || die "none of the base images is in this machine's engine" "Get them first: make engine"
wanted+=$'\n'"index $(cksum <"$index/pip.conf") $(cksum <"$index/uv.toml")"
if [ "$(in_volume "cat /mirror/$marker 2>/dev/null" || true)" = "$wanted" ]; then note "the mirror has the base images"; exit; fi

mapfile -t present < <(grep -v '^index ' <<<"$wanted" | cut -d ' ' -f 1)
step "putting ${#present[@]} base images into the lab's mirror (once)" "$state/mirror.log" push_all "${present[@]}" ||
    die "the lab's mirror could not be filled" "The whole log is $state/mirror.log."
in_volume "cat >/mirror/$marker" <<<"$wanted"
