#!/bin/sh
# Flags alone, or a configuration file alone, mean redis-server. The server runs as redis, and /data belongs to it.
set -eu

case "${1:-}" in -*|*.conf) set -- redis-server "$@" ;; esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis {} + || true
    exec setpriv --reuid redis --regid redis --clear-groups "$0" "$@"
fi

if [ "${1:-}" = redis-server ]; then
    [ "$(umask)" != 0022 ] || umask 0077
    # Protected mode refuses everyone but localhost, and in a container everyone comes from elsewhere; the ports that are
    # published are the protection. A configuration that names it has the last word.
    shift
    case "${1:---}" in
        -*) set -- redis-server --protected-mode no "$@" ;;
        *)
            config=$1
            shift
            if grep -qsi '^[[:space:]]*protected-mode' "$config"; then set -- redis-server "$config" "$@"
            else set -- redis-server "$config" --protected-mode no "$@"
            fi ;;
    esac
fi
exec "$@"
