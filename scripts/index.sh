#!/usr/bin/env bash
# Puts the packages that the course's builds install into the lab's package index: once, where this machine reaches one
# itself, so that a room without a network can install them later. Costs nothing when they are in it already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/compose.sh"

volume=${project}_index
image=${DRYDOCK_INDEX_IMAGE:-drydock-index}
marker=.drydock-filled   # in the volume, so that it goes when the volume goes
# Each is a list that fits together; two may want different versions of one package. tests/lab/test_index.py holds it complete.
lists=(course/penguins/ml/requirements.txt course/penguins/ml/requirements-serve.txt course/penguins/stack/requirements.txt
       solutions/06-ml-api/starter/requirements.txt
       solutions/09-first-compose/starter/requirements.txt solutions/09-repair/starter/requirements.txt
       solutions/10-ml-stack/starter/requirements.txt solutions/10-wait-for-it/starter/requirements.txt images/index/also.txt)

in_volume() { docker run --rm --interactive --network none --volume "$volume:/packages" --entrypoint sh "$image" -c "$1"; }

# The settings by which this machine itself finds packages, a proxy's included; pip's own names.
download_all() {
    local list sum had=''
    for list in "${lists[@]}"; do
        sum=$(cksum <"$root/$list")
        case $had in *"|$sum|"*) continue ;; esac   # exercises may begin with one and the same list
        had+="|$sum|"
        docker run --rm --interactive --volume "$volume:/packages" \
            --env PIP_INDEX_URL --env PIP_EXTRA_INDEX_URL --env HTTP_PROXY --env HTTPS_PROXY --env NO_PROXY "$image" \
            pip download --only-binary :all: --no-cache-dir --retries 1 --timeout 10 --progress-bar off \
                --dest /packages --requirement /dev/stdin <"$root/$list" || return 1
    done
}

if [ "${DRYDOCK_INDEX:-yes}" != yes ]; then exit; fi
wanted=$(cd "$root" && cat "${lists[@]}" | { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; } | cut -c1-16)
if [ "$(in_volume "cat /packages/$marker 2>/dev/null" || true)" = "$wanted" ]; then note "the package index has the course's packages"; exit; fi
if step "putting the course's packages into the lab's index (once)" "$state/index.log" download_all; then
    in_volume "cat >/packages/$marker" <<<"$wanted"
else
    note "the lab's package index could not be filled: builds that install packages need a network ($state/index.log)"
fi
