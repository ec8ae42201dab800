#!/usr/bin/env bash
# How an engine loses what a brief container wrote, made to happen at will: docs/known-limits.md has what came of it.
#   benchmarks/lost_output.sh [IMAGE]      IMAGE: an engine's, by default docker:28-dind. Needs root, strace, a local engine, busybox
# An engine of its own is started in a container. Of its daemon, strace delays one thing: the return of open() for the named pipes
# that containers write to. That is what a busy machine does to it, only longer and each time.
set -euo pipefail

name=drydock-lost-output-$$
docker run --detach --name "$name" --privileged --network none --memory 1500m --tmpfs /var/lib/docker:size=600m,exec \
    --env DOCKER_TLS_CERTDIR= --env DOCKER_HOST=unix:///run/docker.sock "${1:-docker:28-dind}" dockerd --host unix:///run/docker.sock >/dev/null
trap 'docker rm --force --volumes "$name" >/dev/null' EXIT
inner() { docker exec "$name" "$@"; }
for _ in $(seq 60); do if inner docker version >/dev/null 2>&1; then break; fi; sleep 1; done
docker save busybox | docker exec -i "$name" docker load --quiet >/dev/null
daemon=$(docker inspect --format '{{.State.Pid}}' "$name")
inner docker version --format 'Docker Engine {{.Server.Version}}, containerd {{(index .Server.Components 1).Version}}'

count() { # count WHAT RUNS CODE: how often CODE, which should print hello, does not
    inner sh -c 'lost=0; for _ in $(seq '"$2"'); do [ "$('"$3"')" = hello ] || lost=$((lost + 1)); done; echo "  '"$1"': $lost of '"$2"' lost"'
}
measure() {
    inner docker run --detach --name lives --network none busybox sleep 1000 >/dev/null
    count "docker run" 8 'docker run --rm --network none busybox echo hello'
    count "docker run, docker logs" 8 'docker run --name brief --network none busybox echo hello >/dev/null; docker logs brief; docker rm brief >/dev/null'
    count "docker run of something that takes 3 s" 2 'docker run --rm --network none busybox sh -c "echo hello; sleep 3"'
    count "docker exec" 8 'docker exec lives echo hello'
    inner docker rm --force lives >/dev/null
}

echo "as it is"
measure
pipes=()
for number in $(seq 5 99); do pipes+=(--trace-path "/proc/self/fd/$number"); done
for delay in 300000 1000000 2500000; do
    echo "open() returns $((delay / 1000)) ms late"
    strace -qq -f -p "$daemon" -o /dev/null -e trace=openat -e inject=openat:delay_exit=$delay "${pipes[@]}" 2>/dev/null &
    tracer=$!
    sleep 2
    measure
    kill "$tracer"
    wait "$tracer" || true
done
# shellcheck disable=SC1111 # these quotes are for people
echo "its log says “reading from a closed fifo” $(docker logs "$name" 2>&1 | grep -c 'closed fifo') times"
