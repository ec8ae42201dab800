#!/usr/bin/env bash
# All tests, on a real engine: those that may share the machine side by side, then those that want it alone.
#   scripts/test.sh [--fast|--prove|--engines] [pytest's arguments]
#     --fast   only what needs no engine
#     --prove  the whole proof of the exercises, of which the tests otherwise run a sample
#     --engines  verdicts on every engine that is supported, each in a container of its own
#   ONLY="06 07-multi-stage"  with --prove and --engines: these exercises, by id or its beginning
#   CHANGED=1                 with --prove: the exercises that differ from branch main
#   FRESH=1                   results of earlier runs do not count
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/compose.sh"
# Chapters and drills have projects of their own, whose names this would overrule; the lab's is named by lab().
unset COMPOSE_PROJECT_NAME
cd "$root"

mode=''
case ${1:-} in --fast|--prove|--engines) mode=$1; shift ;; esac
case ${FRESH:-0} in 0) ;; *) export DRYDOCK_FRESH=1 ;; esac

find_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then command -v "$name"; return; fi
    done
}
install_browser() {
    apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 update &&
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends chromium
}
is_debian() { [ -r /etc/os-release ] && ( . /etc/os-release; [ "${ID:-}" = debian ] ); }

get_browser() {
    if [ -z "$(find_browser)" ] && is_debian && [ "$(id -u)" = 0 ]; then
        step "installing chromium for the browser tests" "$state/chromium.log" install_browser || true
    fi
    DRYDOCK_BROWSER=$(find_browser)
    export DRYDOCK_BROWSER
    if [ -z "$DRYDOCK_BROWSER" ]; then note "no chromium or chrome is here: the browser tests will be skipped (apt-get install chromium)"; fi
}

# changed_exercises: those whose folder is not what it is where this branch left main, or in the last commit.
changed_exercises() {
    local base id
    base=$(git merge-base HEAD main 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null || echo HEAD)
    { git diff --name-only "$base" -- solutions; git ls-files --others --exclude-standard -- solutions; } | cut -d / -f 2 | sort -u |
        while read -r id; do if [ -f "solutions/$id/checks.py" ]; then echo "$id"; fi; done
    if ! git diff --quiet "$base" -- grader images; then
        note "grader/ or images/ has changed too, which concerns every exercise: make prove alone runs what is not proved yet" >&2
    fi
}

# chosen_exercises: fills the array "exercises" with what ONLY and CHANGED ask for; empty for all.
chosen_exercises() {
    local wanted=${ONLY:-} id
    exercises=()
    case ${CHANGED:-0} in 0) ;; *)
        wanted="$wanted $(changed_exercises)"
        if [ -z "${wanted// }" ]; then note "no exercise has changed"; exit 0; fi
    esac
    for id in $wanted; do exercises+=(--exercise "$id"); done
}

results=$state/tests
part() { # part NAME pytest-arguments…
    local name=$1 status=0
    shift
    say "Tests: $name"
    .venv/bin/python -m pytest --junitxml "$results/$name.xml" "$@" || status=$?
    case $status in 0|1|5) ;; *) broken=$status ;; esac   # 5: nothing to run in this part
}

scripts/venv.sh --check
fast='not (engine or slow or browser or serial)'
rm -rf "$results"
mkdir -p "$results"
broken=0
if [ "$mode" = --fast ]; then
    scripts/venv.sh
    part fast -n 2 --dist loadfile -m "$fast" "$@"
elif [ "$mode" = --prove ]; then
    chosen_exercises
    scripts/engine.sh
    scripts/images.sh
    scripts/venv.sh
    # What is proved of exercises elsewhere, too: nbgrader's scores of each.
    part proof -n 4 --dist worksteal ${exercises[@]+"${exercises[@]}"} tests/test_solutions.py tests/test_bad_answers.py tests/notebook/test_round_trip.py "$@"
elif [ "$mode" = --engines ]; then
    chosen_exercises
    scripts/engine.sh
    scripts/images.sh
    scripts/venv.sh
    part engines -n 2 --dist loadgroup ${exercises[@]+"${exercises[@]}"} tests/test_engines.py "$@"
else
    scripts/engine.sh
    # The base images keep the network and one processor busy: beside them, the environment, and the tests that need no engine.
    {
        scripts/venv.sh || exit 1
        part fast -n 2 --dist loadfile -m "$fast" "$@"
        [ "$broken" = 0 ] || exit 3
    } >"$results/beside.log" 2>&1 &
    beside=$!
    trap 'kill "$beside" 2>/dev/null || true' EXIT
    scripts/images.sh
    beside_status=0
    wait "$beside" || beside_status=$?
    cat "$results/beside.log"
    case $beside_status in 0) ;; 3) broken=1 ;; *) exit 1 ;; esac
    get_browser
    note "the lab's image is built beside the first tests: only the last need it"
    lab build >"$state/lab-build.log" 2>&1 &
    lab_build=$!
    trap 'kill "$beside" "$lab_build" 2>/dev/null || true' EXIT
    # More at a time than there are processors: a good part of every check is waiting for the learner's container.
    # The tests of a file share what they made, so they stay together; chapters and exercises share nothing.
    part parallel -n 4 --dist loadfile -m "not (serial or browser or proof or engines) and not ($fast)" \
        --ignore tests/test_solutions.py --ignore tests/test_bad_answers.py --ignore tests/course/test_chapters.py "$@"
    part course -n 4 --dist worksteal -m "not proof" tests/course/test_chapters.py tests/test_solutions.py tests/test_bad_answers.py "$@"
    if ! wait "$lab_build"; then
        tail -n 20 "$state/lab-build.log" >&2
        die "the lab's image could not be built" "The whole log is $state/lab-build.log."
    fi
    part alone -m "serial or browser" "$@"
fi
.venv/bin/python scripts/test_summary.py "$broken" "$results"/*.xml
