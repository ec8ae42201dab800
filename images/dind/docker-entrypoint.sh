#!/bin/sh
# The client: `docker run docker:… ps` means `docker ps`, and the engine is found where there is no socket.
set -eu

case "${1:-}" in -*) set -- docker "$@" ;; esac
if [ $# -gt 0 ] && docker help "$1" >/dev/null 2>&1; then set -- docker "$@"; fi

certificates=${DOCKER_TLS_CERTDIR:+$DOCKER_TLS_CERTDIR/client}
has_certificates() { [ -n "$certificates" ] && [ -s "$certificates/ca.pem" ] && [ -s "$certificates/cert.pem" ] && [ -s "$certificates/key.pem" ]; }
if [ -z "${DOCKER_HOST:-}" ] && [ ! -S /var/run/docker.sock ]; then
    if has_certificates; then DOCKER_HOST=tcp://docker:2376; else DOCKER_HOST=tcp://docker:2375; fi
    export DOCKER_HOST
fi
case "${DOCKER_HOST:-}" in
    tcp:*)
        if [ -z "${DOCKER_TLS_VERIFY:-}${DOCKER_CERT_PATH:-}" ] && has_certificates; then
            export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH="$certificates"
        fi ;;
esac
exec "$@"
