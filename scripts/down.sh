#!/usr/bin/env bash
# Stops the lab. The learners' work, and the lab's own images and settings, stay.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/compose.sh"

if ! command -v docker >/dev/null || ! engine_answers; then note "No Docker engine answers, so no lab is running."; exit; fi
step "stopping the lab" "$state/lab-down.log" lab down --remove-orphans
note "Your work is in $work; 'make up' starts the lab again."
