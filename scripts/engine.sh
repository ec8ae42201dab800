#!/usr/bin/env bash
# Finds a Docker engine, or gets one: on Debian and Ubuntu, as root, from the distribution's packages. Anywhere else it
# says what to do and changes nothing. An engine that is already there is used as it is and left alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

packages_log=$state/engine-packages.log
engine_log=$state/engine.log
pid_file=$state/engine.pid

by_hand() {
    die "$1" \
        "Drydock needs a Docker engine (23 or newer) with buildx and compose." \
        "  macOS, Windows   install Docker Desktop, start it, then run this again" \
        "  Linux            https://docs.docker.com/engine/install/ then run this again" \
        "  Debian, Ubuntu   run this again as root (sudo make engine) and it does the rest" \
        "Nothing was changed."
}

distribution() { # debian-12, debian-13, ubuntu-24.04 … or nothing
    [ -r /etc/os-release ] || return 0
    ( . /etc/os-release; case "${ID:-}" in debian|ubuntu) echo "$ID-${VERSION_ID:-}" ;; esac )
}

# A current engine is in Debian's testing suite; it needs no newer libc than Debian 12 has (runc alone does, so that one
# stays the machine's own). The packages are taken from a source that lives for this one call: same address, same key,
# nothing added to the machine's list. The suite moves: what is there from 28.5 up is taken, and where there is none, the
# engine of the stable suite.
current=28.5
ours=(docker.io docker-cli docker-buildx docker-compose containerd tini tini-static)

debian_source() { # debian_source PARTS SUITE…: apt's lists for this call, the machine's own and the suites beside them
    local uri parts=$1
    shift
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
    [ -n "$uri" ] || { echo "no source of Debian's packages is configured for apt"; return 1; }
    mkdir -p "$parts"
    cp -a /etc/apt/sources.list.d/. "$parts/"
    if [ -s /etc/apt/sources.list ]; then cp /etc/apt/sources.list "$parts/machine.list"; fi
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
        "$uri" "$*" >"$parts/drydock.sources"
    { # nothing comes from there but what is asked for by name
        printf 'Package: *\nPin: release a=testing\nPin-Priority: 50\n\nPackage: *\nPin: release n=trixie\nPin-Priority: 60\n'
        printf '\nPackage: %s\nPin: release a=%s\nPin-Priority: 990\n' "${ours[*]}" "$1"
        if [ "$1" = trixie ]; then printf '\nPackage: %s\nPin: release n=trixie\nPin-Priority: 990\n' "${ours[*]}"; fi
    } >"$parts/pin"
    options=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$parts" -o "Dir::Etc::preferences=$parts/pin"
             -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
    apt-get "${options[@]}" update
}

install_on_debian() { # install_on_debian VERSION-OF-DEBIAN
    local parts found options=()
    parts=$(mktemp -d)
    # shellcheck disable=SC2064  # the folder's name is needed now: the variable is gone when the trap runs
    trap "rm -rf '$parts'" EXIT
    if debian_source "$parts/testing" testing && found=$(apt-cache "${options[@]}" policy docker.io | sed -n 's/^ *Candidate: //p') &&
        dpkg --compare-versions "${found:-0}" ge "$current"; then
        echo "docker.io $found is in the testing suite"
    elif [ "$1" = 12 ]; then   # its own engine is 20.10 without compose v2
        echo "note: the testing suite has no engine from $current up (${found:-no answer}); taking Debian 13's"
        debian_source "$parts/trixie" trixie
    else
        echo "note: the testing suite has no engine from $current up (${found:-no answer}); taking this suite's own"
        options=(-o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
        apt-get "${options[@]}" update
    fi
    # An older engine's tini holds a file that is tini-static's now: its newer version goes with it, and where this system's
    # libc is too old for that one, it has to go.
    local wanted=(docker.io docker-cli docker-buildx docker-compose containerd iptables ca-certificates)
    if ! dpkg -s tini >/dev/null 2>&1; then
        apt-get "${options[@]}" install -y --no-install-recommends "${wanted[@]}"
    elif apt-get "${options[@]}" install -s --no-install-recommends "${wanted[@]}" tini >/dev/null 2>&1; then
        apt-get "${options[@]}" install -y --no-install-recommends "${wanted[@]}" tini
    else
        apt-get "${options[@]}" install -y --no-install-recommends "${wanted[@]}" tini-
    fi
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # A package may start its service at once; there may be no init system to ask, and we start the engine ourselves.
    case "$1" in
        debian-*) install_on_debian "${1#debian-}" ;;
        ubuntu-*)
            apt-get -o Acquire::Retries=3 update
            apt-get install -y --no-install-recommends docker.io docker-buildx docker-compose-v2 iptables ca-certificates ;;
    esac
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        systemctl start docker
        return
    fi
    # Frames larger than the machine's own link can carry would be dropped without a word (VPNs, clouds): ask the link.
    local link mtu
    link=$(ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
    mtu=$(cat "/sys/class/net/${link:-none}/mtu" 2>/dev/null || echo 1500)
    rm -f /var/run/docker.pid
    setsid nohup dockerd --mtu "$mtu" --default-network-opt "bridge=com.docker.network.driver.mtu=$mtu" </dev/null >"$engine_log" 2>&1 &
    echo $! >"$pid_file"
}

wait_for_engine() {
    for _ in $(seq 60); do
        if engine_answers; then return 0; fi
        sleep 1
    done
    tail -n 5 "$engine_log" 2>/dev/null
    return 1
}

if command -v docker >/dev/null && engine_answers; then
    say "Docker engine $(docker version --format '{{.Server.Version}}') is running"
else
    os=$(distribution)
    [ -n "$os" ] || by_hand "no Docker engine answers, and this is neither Debian nor Ubuntu"
    [ "$(id -u)" = 0 ] || by_hand "no Docker engine answers, and installing or starting one needs root"
    say "No Docker engine answers: installing and starting one from the packages of ${os%%-*} (the log is in .drydock/)"
    mkdir -p "$state"
    if ! command -v dockerd >/dev/null || ! docker buildx version >/dev/null 2>&1 || ! docker compose version >/dev/null 2>&1; then
        step "installing docker.io, buildx and compose" "$packages_log" install_packages "$os" ||
            die "the engine's packages could not be installed" "See $packages_log; is a package source reachable?"
        sed -n 's/^note: //p' "$packages_log" | while read -r line; do note "$line"; done
    fi
    start_engine
    step "waiting for the engine" "$state/engine-wait.log" wait_for_engine ||
        die "the engine was started but does not answer" "See $engine_log."
    say "Docker engine $(docker version --format '{{.Server.Version}}') is running; it goes on until you stop it"
fi

docker buildx version >/dev/null 2>&1 || die "the docker client has no buildx" \
    "Install it: docker-buildx (Debian, Ubuntu) or docker-buildx-plugin (Docker's own packages)."
docker compose version >/dev/null 2>&1 || die "the docker client has no compose" \
    "Install it: docker-compose (Debian), docker-compose-v2 (Ubuntu) or docker-compose-plugin (Docker's own packages)."
