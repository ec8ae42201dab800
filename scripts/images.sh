#!/usr/bin/env bash
# Makes sure that every base image the course uses is in the engine: what is there is kept, what can be pulled is pulled,
# and for what is left a stand-in is built from Debian packages by the recipes in images/.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

recipes=$root/images
label=org.drydock.stand-in

usage() {
    cat <<'USAGE'
usage: scripts/images.sh [--rebuild] [NAME…]   get the named base images, or all of them
       scripts/images.sh --list                what is there: official or stand-in, and its size
       scripts/images.sh --remove [NAME…]      remove the stand-ins; official images stay

NAME is a folder of images/. --rebuild builds the stand-in even where there is nothing to do.
DRYDOCK_CA_BUNDLE  a PEM file with certificates to trust in the stand-ins (default: what this machine trusts beyond Debian's own)
DRYDOCK_PULL=no    do not try to pull
USAGE
}

# --- recipes -----------------------------------------------------------------------------------------------------------

known() { local file; for file in "$recipes"/*/image.env; do basename "$(dirname "$file")"; done; }

# recipe NAME: sets IMAGE, TAGS, NEEDS and OFFICIAL_MB from the recipe's image.env (SIZE_MATTERS is for the tests).
recipe() {
    IMAGE='' TAGS='' NEEDS='' OFFICIAL_MB=''
    # shellcheck source=/dev/null
    . "$recipes/$1/image.env"
}

# in_order NAME…: the names and all that they need, each once, what is needed first.
in_order() {
    local name
    for name in "$@"; do
        # shellcheck disable=SC2086  # NEEDS is a list of plain words
        ( recipe "$name"; in_order $NEEDS; echo "$name" )
    done | awk '!seen[$0]++'
}

# recipe_hash NAME: changes when a file of the recipe, of a recipe that it stands on, or what the machine puts in changes.
recipe_hash() {
    local memo=$inputs/hash-$1
    if [ ! -s "$memo" ]; then hash_recipe "$1" >"$memo"; fi
    cat "$memo"
}
hash_recipe() {
    (
        recipe "$1"
        cd "$recipes/$1"
        find . -type f ! -name image.env | LC_ALL=C sort | while read -r file; do echo "$file"; cat "$file"; done
        grep -v '^#' image.env
        for need in $NEEDS; do recipe_hash "$need"; done
        if [ -z "$NEEDS" ]; then cat "$inputs"/ca/* "$inputs"/settings "$inputs"/sources; fi
    ) | if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-16
}

stand_in_of() { docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null; }

# state_of NAME [TAG…]: official, stand-in, outdated or missing, judged by these or all of the recipe's tags.
state_of() {
    local tag found wanted state=''
    wanted=$(recipe_hash "$1")
    # shellcheck disable=SC2086  # TAGS is a list of plain words
    if [ $# -gt 1 ]; then shift; else set -- $TAGS; fi
    for tag in "$@"; do
        if ! found=$(stand_in_of "$IMAGE:$tag"); then state=missing; break
        elif [ -z "$found" ]; then state=${state:-official}
        elif [ "$found" = "$wanted" ]; then state=stand-in
        else state=outdated; break
        fi
    done
    echo "$state"
}

# --- what this machine puts in: where Debian's packages come from, and whom to trust -------------------------------------

certificates() { # one certificate a line, from PEM on standard input
    awk '/-----BEGIN CERTIFICATE-----/ { on = 1; body = ""; next }
         /-----END CERTIFICATE-----/   { if (on) print body; on = 0 }
         on { sub(/\r$/, ""); body = body $0 }'
}

gather_inputs() {
    local bundle=${DRYDOCK_CA_BUNDLE:-${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}} key value number=0 body
    inputs=$(mktemp -d)
    trap 'rm -rf "$inputs"' EXIT
    mkdir "$inputs/ca"
    : >"$inputs/ca/.keep"
    : >"$inputs/settings"
    { package_source Debian; package_source Debian-Security; } >"$inputs/sources"
    if [ -n "${DRYDOCK_CA_BUNDLE:-}" ] && [ ! -r "$bundle" ]; then
        die "DRYDOCK_CA_BUNDLE names $bundle, which cannot be read" "Name a file of PEM certificates, or unset it."
    fi
    if [ -r "$bundle" ]; then
        find /usr/share/ca-certificates -name '*.crt' -exec cat {} + 2>/dev/null | certificates | sort -u >"$inputs/debians"
        certificates <"$bundle" | sort -u >"$inputs/trusted"
        if [ -s "$inputs/debians" ]; then   # without Debian's own set there is no telling what is extra
            while read -r body; do
                number=$((number + 1))
                { echo "-----BEGIN CERTIFICATE-----"; fold -w 64 <<<"$body"; echo "-----END CERTIFICATE-----"; } \
                    >"$inputs/ca/drydock-host-$number.crt"
            done < <(comm -13 "$inputs/debians" "$inputs/trusted")
        fi
        rm -f "$inputs/debians" "$inputs/trusted"
    fi
    # A proxy, or a clock that is off, concerns apt inside the images as well.
    for key in Acquire::http::Proxy Acquire::https::Proxy Acquire::Check-Valid-Until Acquire::Check-Date; do
        value=$(apt-config dump --format '%v' "$key" 2>/dev/null || true)
        if [ -n "$value" ]; then echo "$key \"$value\";" >>"$inputs/settings"; fi
    done
}

package_source() { # package_source LABEL: the address of Debian's main (Debian) or security (Debian-Security) archive
    # shellcheck disable=SC2016  # apt's own variable
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" 2>/dev/null | sort -u | head -n 1 || true
}

# --- getting one -------------------------------------------------------------------------------------------------------

# can_pull: asks the registry once whether it is there; an engine without a network can take a minute to say no, each time.
can_pull() {
    local log=$state/image-pull-probe.log pid
    if [ -n "${pulls:-}" ]; then [ "$pulls" = yes ]; return; fi
    pulls=no
    if [ "${DRYDOCK_PULL:-yes}" = yes ]; then
        mkdir -p "$state"
        docker pull "$1" >"$log" 2>&1 &
        pid=$!
        for _ in $(seq 40); do   # ten seconds to make contact; the transfer itself may take as long as it likes
            if grep -q 'Pulling from' "$log"; then pulls=yes; break; fi
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.25
        done
        if [ "$pulls" = yes ] || wait_briefly "$pid"; then pulls=yes; wait "$pid" || true; else kill "$pid" 2>/dev/null || true; fi
    fi
    if [ "$pulls" = no ]; then note "no registry to pull from: building stand-ins from Debian packages"; fi
    [ "$pulls" = yes ]
}
wait_briefly() { ! kill -0 "$1" 2>/dev/null && wait "$1"; }

pull() {
    local tag
    for tag in $TAGS; do docker pull "$IMAGE:$tag" || return 1; done
}

ready_to_build() {
    local system=''
    # shellcheck source=/dev/null
    [ -r /etc/os-release ] && system=$(. /etc/os-release; echo "${ID:-} ${ID_LIKE:-}")
    if ! command -v mmdebstrap >/dev/null; then
        case " $system " in *" debian "*) ;; *)
            die "the base images cannot be pulled, and stand-ins are built on Debian or Ubuntu only" \
                "Connect to a network where 'docker pull busybox' works, or run this on Debian or Ubuntu, or load the" \
                "images from an archive made where they are: docker save … > base.tar there, docker load < base.tar here." ;;
        esac
        [ "$(id -u)" = 0 ] || die "the base images cannot be pulled, and mmdebstrap, which builds stand-ins, is not installed" \
            "Install it and run this again: sudo apt-get install mmdebstrap debian-archive-keyring"
        step "installing mmdebstrap" "$state/image-tools.log" install_tools ||
            die "mmdebstrap could not be installed" "See $state/image-tools.log; is a package source reachable?"
    fi
}
install_tools() {
    apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 update &&
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends \
            mmdebstrap debian-archive-keyring
}

import_rootfs() { # name hash image
    local tar status=0
    tar=$(mktemp --suffix=.tar)
    DEBIAN_URI=$(package_source Debian) SECURITY_URI=$(package_source Debian-Security) \
        APT_SETTINGS=$inputs/settings EXTRA_CA=$inputs/ca "$recipes/$1/rootfs.sh" "$tar" &&
        docker import --change 'CMD ["bash"]' \
            --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
            --change "LABEL $label=$2 $label.name=$3 $label.official-mb=$OFFICIAL_MB" "$tar" "$3" || status=$?
    rm -f "$tar"
    return "$status"
}

build() { # name hash image
    if [ -x "$recipes/$1/rootfs.sh" ]; then import_rootfs "$@"; return; fi
    docker buildx build --load --progress plain ${no_cache:+--no-cache} --tag "$3" \
        --label "$label=$2" --label "$label.name=$3" --label "$label.official-mb=$OFFICIAL_MB" "$recipes/$1"
}

get() { # one image, whose needs are there
    local name=$1 hash image tag found old rebuild=$rebuild
    recipe "$name"
    image=$IMAGE:${TAGS%% *}
    found=$(state_of "$name")
    case " ${names[*]} " in *" $name "*) ;; *) rebuild=no ;; esac   # what is only needed is not rebuilt
    if [ "$rebuild" = no ]; then
        case $found in official|stand-in) note "$image: $found, kept"; return ;; esac
        if can_pull "$image" && step "pulling $image" "$state/image-$name.log" pull; then return; fi
    fi
    ready_to_build
    hash=$(recipe_hash "$name")
    old=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
    step "building $image" "$state/image-$name.log" build "$name" "$hash" "$image" ||
        die "the stand-in for $image could not be built" "The whole log is $state/image-$name.log."
    for tag in $TAGS; do docker tag "$image" "$IMAGE:$tag"; done
    # The one it replaces goes, unless a container or another image still stands on it.
    if [ -n "$old" ] && [ "$old" != "$(docker image inspect --format '{{.Id}}' "$image")" ]; then
        docker image rm "$old" >/dev/null 2>&1 || true
    fi
}

# get_together NAME…: those that only stand on what is there by now, as many at a time as there are processors.
get_together() {
    local name wanted=() names_of=() pids=() at running ended begin=$SECONDS failed=''
    for name in "$@"; do
        case $rebuild:$(state_of_recipe "$name") in
            no:official|no:stand-in) get "$name" ;;
            *) wanted+=("$name") ;;
        esac
    done
    if [ ${#wanted[@]} = 0 ]; then return; fi
    recipe "${wanted[0]}"
    # Asked once, and before they part: the answer, and the tools, are for all.
    if [ "$rebuild" = yes ] || ! can_pull "$IMAGE:${TAGS%% *}"; then ready_to_build; fi
    for name in "${wanted[@]}"; do
        while [ "$(running_of ${pids[@]+"${pids[@]}"})" -ge "$at_once" ]; do sleep 0.5; tell_together; done
        ( get "$name" ) >"$state/image-$name.said" 2>&1 &
        pids+=($!) names_of+=("$name")
    done
    while [ "$(running_of "${pids[@]}")" -gt 0 ]; do sleep 0.5; tell_together; done
    if [ -t 1 ]; then printf '\r\033[K'; fi
    for at in "${!pids[@]}"; do
        if wait "${pids[$at]}"; then
            grep ': done in' "$state/image-${names_of[$at]}.said" || true
        else
            failed=yes
            cat "$state/image-${names_of[$at]}.said" >&2
        fi
        rm -f "$state/image-${names_of[$at]}.said"
    done
    [ -z "$failed" ]
}
state_of_recipe() { ( recipe "$1"; state_of "$1" ); }
running_of() { local pid number=0; for pid in "$@"; do if kill -0 "$pid" 2>/dev/null; then number=$((number + 1)); fi; done; echo "$number"; }
# One line that says how far they are; elsewhere than on a terminal, one every 15 s.
tell_together() {
    running=$(running_of "${pids[@]}")
    ended=$((${#pids[@]} - running))
    if [ -t 1 ]; then
        printf '\r    %s of %s base images, %s at a time … %ds ' "$ended" "${#wanted[@]}" "$running" $((SECONDS - begin))
    elif [ $((SECONDS - begin)) -ge "$((told + 15))" ]; then
        told=$((SECONDS - begin))
        printf '    %s of %s base images … %ds\n' "$ended" "${#wanted[@]}" "$told"
    fi
}

list() {
    local name tag size
    for name in $(known); do
        recipe "$name"
        for tag in $TAGS; do
            size=$(docker image inspect --format '{{.Size}}' "$IMAGE:$tag" 2>/dev/null || echo 0)
            printf '%-24s %-10s %7s MB   official %6s MB\n' "$IMAGE:$tag" "$(state_of "$name" "$tag")" \
                "$(awk -v bytes="$size" 'BEGIN { printf "%.1f", bytes / 1e6 }')" "$OFFICIAL_MB"
        done
    done
}

remove() {
    local name tag
    for name in "$@"; do
        recipe "$name"
        for tag in $TAGS; do
            if [ -n "$(stand_in_of "$IMAGE:$tag" || true)" ]; then
                docker image rm "$IMAGE:$tag" >/dev/null && note "removed the stand-in $IMAGE:$tag"
            fi
        done
    done
}

# --- the command -------------------------------------------------------------------------------------------------------

action='' rebuild=no no_cache='' names=() told=0
at_once=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
while [ $# -gt 0 ]; do
    case $1 in
        --list|--remove) action=${1#--} ;;
        --rebuild) rebuild=yes no_cache=yes ;;
        -h|--help) usage; exit ;;
        -*) usage >&2; exit 2 ;;
        *) [ -r "$recipes/$1/image.env" ] || die "no base image is called $1" "There are: $(known | paste -sd ' ')"; names+=("$1") ;;
    esac
    shift
done
# shellcheck disable=SC2207  # names of folders: plain words (and bash 3, which macOS has, knows no mapfile)
[ ${#names[@]} -gt 0 ] || names=($(known))

engine_answers || die "no Docker engine answers" "Start one first: make engine"
gather_inputs
case $action in
    list) list; exit ;;
    remove) remove "${names[@]}"; exit ;;
esac

mkdir -p "$state"
if command -v flock >/dev/null; then   # two at a time would build everything twice
    exec 9>"$state/images.lock"
    flock 9
fi
say "Base images"
first=() rest=()
for name in $(in_order "${names[@]}"); do
    recipe "$name"
    if [ -z "$NEEDS" ]; then first+=("$name"); else rest+=("$name"); fi
done
for name in ${first[@]+"${first[@]}"}; do get "$name"; done
get_together ${rest[@]+"${rest[@]}"}
