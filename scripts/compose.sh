# What the scripts that drive the lab share; sourced after lib.sh, never run. Wants bash.
# shellcheck shell=bash

# The learner in the lab has the ids of whoever runs this, so that both can write in the work folder. Root has none to
# lend: the lab's user is never root.
owner=$(id -u) group=$(id -g)
if [ "$owner" = 0 ]; then owner=${SUDO_UID:-0} group=${SUDO_GID:-0}; fi
if [ "$owner" = 0 ]; then owner=1000 group=1000; fi
export DRYDOCK_UID=${DRYDOCK_UID:-$owner} DRYDOCK_GID=${DRYDOCK_GID:-$group}

work=${DRYDOCK_WORK:-$root/work}
project=${COMPOSE_PROJECT_NAME:-drydock}
export COMPOSE_PROJECT_NAME=$project

lab() { docker compose --project-name "$project" --project-directory "$root" "$@"; }
lab_image() { docker image inspect --format '{{.Id}}' "${DRYDOCK_LAB_IMAGE:-drydock-lab}" 2>/dev/null || true; }
