#!/bin/sh
# The engine. Arguments that are flags go to dockerd; with DOCKER_TLS_CERTDIR it listens on 2376 with certificates that it
# makes there, with that empty on 2375 without. On its socket it listens always. Any other command is run as it is.
set -eu

days=825   # some clients accept no longer life

signed() { # signed folder name extension…: a key, and a certificate from the authority in $DOCKER_TLS_CERTDIR/ca
    folder=$1 name=$2 extensions=$3
    mkdir -p "$folder"
    [ -s "$folder/key.pem" ] || openssl genrsa -out "$folder/key.pem" 4096
    printf '[ extensions ]\n%s\n' "$extensions" >"$folder/openssl.cnf"
    openssl req -new -key "$folder/key.pem" -subj "/CN=$name" -out "$folder/csr.pem"
    openssl x509 -req -in "$folder/csr.pem" -CA "$DOCKER_TLS_CERTDIR/ca/cert.pem" -CAkey "$DOCKER_TLS_CERTDIR/ca/key.pem" \
        -CAcreateserial -days "$days" -extfile "$folder/openssl.cnf" -extensions extensions -out "$folder/cert.pem"
    cp "$DOCKER_TLS_CERTDIR/ca/cert.pem" "$folder/ca.pem"
}

names_of_this_host() { # DNS:…,IP:…
    {
        printf 'DNS:%s\n' docker localhost "$(hostname)"
        ip -oneline address | awk '{ sub(/\/.*/, "", $4); print "IP:" $4 }'
        if [ -n "${DOCKER_TLS_SAN:-}" ]; then echo "$DOCKER_TLS_SAN"; fi
    } | sort -u | paste -sd,
}

make_certificates() {
    authority=$DOCKER_TLS_CERTDIR/ca
    if [ -s "$authority/cert.pem" ] && [ ! -s "$authority/key.pem" ]; then return; fi   # somebody else looks after them
    mkdir -p "$authority"
    [ -s "$authority/key.pem" ] || openssl genrsa -out "$authority/key.pem" 4096
    openssl req -new -x509 -key "$authority/key.pem" -subj '/CN=docker:dind CA' -days "$days" -out "$authority/cert.pem"
    signed "$DOCKER_TLS_CERTDIR/server" 'docker:dind server' "subjectAltName = $(names_of_this_host)"
    signed "$DOCKER_TLS_CERTDIR/client" 'docker:dind client' 'extendedKeyUsage = clientAuth'
    chmod 644 "$DOCKER_TLS_CERTDIR/client/key.pem"   # whoever is given this folder is meant to use it
}

case "${1:--}" in
    -*)
        socket=unix:///var/run/docker.sock
        case "${DOCKER_HOST:-}" in unix://*) socket=$DOCKER_HOST ;; esac
        if [ -n "${DOCKER_TLS_CERTDIR:-}" ]; then
            make_certificates
            server=$DOCKER_TLS_CERTDIR/server
            set -- dockerd --host="$socket" --host=tcp://0.0.0.0:2376 --tlsverify \
                --tlscacert "$server/ca.pem" --tlscert "$server/cert.pem" --tlskey "$server/key.pem" "$@"
        else
            # Said in so many words, or the engine waits a quarter of a minute to make its point.
            set -- dockerd --host="$socket" --host=tcp://0.0.0.0:2375 --tls=false "$@"
        fi ;;
esac

if [ "$1" != dockerd ]; then exec docker-entrypoint.sh "$@"; fi

rm -f /var/run/docker.pid /run/docker/containerd/containerd.pid   # left by an engine that was killed
# A kernel without nf_tables: the older tables do the same.
if [ "${DOCKER_IPTABLES_LEGACY:-}" ] || ! iptables -nL >/dev/null 2>&1; then
    PATH=/usr/local/sbin/.iptables-legacy:$PATH
    export PATH
fi
# Shims of nested containers end as orphans: without an init they would stay as zombies, which count as processes.
exec dind docker-init -s -- "$@"
