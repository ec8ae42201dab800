#!/bin/sh
# A configuration file alone means: serve with it. `serve` and `garbage-collect` are passed on as they are.
set -eu
case "${1:-}" in
    *.yml|*.yaml) set -- registry serve "$@" ;;
    serve|garbage-collect|help|-*) set -- registry "$@" ;;
esac
exec "$@"
