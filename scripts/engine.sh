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

# Debian 12's own engine is 20.10 without compose v2. Debian 13's packages install on it (they need libc 2.34 only), so
# they are taken from a source that lives for this one call: same URI, same key, nothing added to the machine's list.
install_from_trixie() {
    local uri parts
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
    [ -n "$uri" ] || { echo "no bookworm source is configured for apt"; return 1; }
    parts=$(mktemp -d)
    # shellcheck disable=SC2064  # the folder's name is needed now: the variable is gone when the trap runs
    trap "rm -rf '$parts'" EXIT
    cp -a /etc/apt/sources.list.d/. "$parts/"
    if [ -s /etc/apt/sources.list ]; then cp /etc/apt/sources.list "$parts/machine.list"; fi
    cat >"$parts/drydock.sources" <<SOURCE
Types: deb
URIs: $uri
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCE
    cat >"$parts/pin" <<PIN
Package: *
Pin: release n=trixie
Pin-Priority: 50
PIN
    local options=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$parts" -o "Dir::Etc::preferences=$parts/pin"
                   -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
    apt-get "${options[@]}" update
    apt-get "${options[@]}" install -y --no-install-recommends --no-upgrade \
        docker.io/trixie docker-cli/trixie docker-buildx/trixie docker-compose/trixie containerd/trixie \
        iptables ca-certificates   # runc stays Debian 12's: the newer one wants a newer libc
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # A package may start its service at once; there may be no init system to ask, and we start the engine ourselves.
    case "$1" in
        debian-12) install_from_trixie ;;
        debian-*)
            apt-get -o Acquire::Retries=3 update
            apt-get install -y --no-install-recommends docker.io docker-cli docker-buildx docker-compose iptables ca-certificates ;;
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
