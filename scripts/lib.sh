# Shared by the scripts beside it; sourced, never run. Wants bash.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state="$root/.drydock"   # logs and markers of what we started; git-ignored

say()  { printf '\033[1m==>\033[0m %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
die()  { printf '\nerror: %s\n' "$1" >&2; shift; for line in "$@"; do printf '  %s\n' "$line" >&2; done; exit 1; }

# step "what is being done" log-file command…: runs the command with its output in the log, and shows that time passes.
# On a terminal the line counts seconds; elsewhere a line appears every 15 s, so that a CI log shows life.
step() {
    local what=$1 log=$2 begin=$SECONDS status pid
    shift 2
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 &
    pid=$!
    if [ ! -t 1 ]; then printf '    %s …\n' "$what"; fi
    while kill -0 "$pid" 2>/dev/null; do
        if [ -t 1 ]; then
            printf '\r    %s … %ds ' "$what" $((SECONDS - begin))
        elif [ $(((SECONDS - begin) % 15)) = 14 ]; then
            printf '    %s … %ds\n' "$what" $((SECONDS - begin))
        fi
        sleep 1
    done
    status=0; wait "$pid" || status=$?
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ "$status" = 0 ]; then
        printf '    %s: done in %ds\n' "$what" $((SECONDS - begin))
    else
        printf '    %s: failed after %ds. The end of %s:\n' "$what" $((SECONDS - begin)) "$log" >&2
        tail -n 20 "$log" | sed 's/^/      | /' >&2
    fi
    return "$status"
}

# macOS has no timeout: there the docker client's own patience must do.
if ! command -v timeout >/dev/null; then timeout() { shift; "$@"; }; fi

# engine_answers: true when an engine answers the client. Never waits long.
engine_answers() { timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
