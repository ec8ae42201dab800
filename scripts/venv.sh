#!/usr/bin/env bash
# The virtual environment .venv with the package, JupyterLab and the developers' tools, exactly as requirements.lock says.
# Where it is up to date this takes no time.
#   scripts/venv.sh [--check]     --check: change nothing, only say whether it can be had
set -euo pipefail
. "$(dirname "$0")/lib.sh"

venv=$root/.venv
stamp=$venv/drydock-stamp

suits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (4,))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3.14 python3; do
        if command -v "$name" >/dev/null && suits "$name"; then command -v "$name"; return; fi
    done
}

debian_as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_python() {
    apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 update &&
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends python3 python3-venv
}

fill() {
    "$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes -r "$root/requirements.lock" &&
        "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e "$root"
}

wanted=$(cd "$root" && echo "$venv" && sha256sum pyproject.toml requirements.lock)
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; then exit; fi

if ! suits "$venv/bin/python"; then
    python=$(find_python)
    if [ -z "$python" ] && debian_as_root; then
        if [ "${1:-}" = --check ]; then exit; fi
        step "installing Python and its venv module" "$state/python.log" install_python ||
            die "Python could not be installed" "See $state/python.log; is a package source reachable?"
        python=$(find_python)
    fi
    [ -n "$python" ] || die "no Python from 3.11 on, with its venv module, is on the PATH" \
        "Debian 12 or Ubuntu 24.04 and later: sudo apt-get install python3 python3-venv" \
        "elsewhere: install Python 3.11 to 3.14 from your system's packages or python.org" \
        "Nothing was changed."
    if [ -e "$venv" ] && { [ ! -w "$venv" ] || [ ! -f "$venv/pyvenv.cfg" ]; }; then
        die "$venv is in the way: it is somebody else's, or no virtual environment" "Remove it, then run this again."
    fi
    if [ "${1:-}" = --check ]; then exit; fi
    rm -rf "$venv"   # its Python is gone or too old
    "$python" -m venv "$venv"
fi
if [ "${1:-}" = --check ]; then exit; fi
step "installing the Python packages into .venv" "$state/venv.log" fill ||
    die "the Python packages could not be installed" "See $state/venv.log; is a package index reachable?"
echo "$wanted" >"$stamp"
