#!/bin/sh
# Before nginx starts: what is in /docker-entrypoint.d, in the order of the names. *.envsh is sourced, *.sh is run.
set -eu

say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"; }

case "${1:-}" in
    nginx|nginx-debug)
        for script in /docker-entrypoint.d/*; do
            case $script in *.sh|*.envsh) ;; *) continue ;; esac
            if [ ! -x "$script" ]; then say "ignoring $script: it is not executable"; continue; fi
            case $script in
                *.envsh)
                    say "sourcing $script"
                    # shellcheck source=/dev/null
                    . "$script" ;;
                *) say "running $script"; "$script" ;;
            esac
        done
        say "ready for start up" ;;
esac
exec "$@"
