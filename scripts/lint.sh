#!/usr/bin/env bash
# Style, types and shell scripts; runs all, then says whether one of them complained.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
cd "$root" || exit

status=0
run() { say "$*"; "$@" || status=1; }

run .venv/bin/ruff check
run .venv/bin/ruff format --check
run .venv/bin/mypy
if command -v shellcheck >/dev/null; then
    # What is only sourced is looked at through those that source it.
    mapfile -t scripts < <(git ls-files -- '*.sh' .ci/run | grep -v -e '^scripts/lib.sh$' -e '^scripts/compose.sh$' -e ^solutions/ -e ^exercises/)
    run shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning "${scripts[@]}"
else
    note "shellcheck is not installed, so the shell scripts were not checked"
fi
exit "$status"
