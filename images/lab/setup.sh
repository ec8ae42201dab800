#!/usr/bin/env bash
# Runs once at each start, as root, before the lab: the learner owns the home and the work folder, and what is
# new in the course is put in the work folder. Nothing that is there is overwritten.
set -euo pipefail
home=/home/learner
work=$home/work
course=/opt/drydock

fail() { printf '%s\n' "$@" >&2; exit 1; }

parts=(exercises .vscode)
for one in "$course"/course/*; do
    # a drill's file says what is right; the grader reads it where it is
    [ "${one##*/}" = drills ] || parts+=("course/${one##*/}")
done
case ${DRYDOCK_ROLE:-learner} in
    learner) ;;
    instructor) parts+=(solutions nbgrader_config.py) ;;
    *) fail "DRYDOCK_ROLE is '$DRYDOCK_ROLE'; it can be 'learner' or 'instructor'." ;;
esac

mkdir -p "$work/course"
for part in "${parts[@]}"; do
    cp --recursive --update=none --no-target-directory "$course/$part" "$work/$part" ||
        fail "The course could not be put into the work folder: is it writable, and is there space?"
done
cp --recursive --update=none --no-target-directory /etc/skel "$home"

token=$home/.local/state/drydock/token
if [ ! -s "$token" ]; then
    mkdir -p "$(dirname "$token")"
    python -c 'import secrets; print(secrets.token_urlsafe(24))' >"$token"
fi
chmod 600 "$token"

# Containers that run as root leave root's files in the folders that they mount; here they become the learner's again.
find "$home" -path "$work" -prune -o ! -user learner -exec chown --no-dereference learner:learner {} +
find "$work" ! -user learner -exec chown --no-dereference learner:learner {} + ||
    echo "warning: not all of the work folder could be given to the learner (a network drive?)" >&2
chmod 1777 /tmp
# nbgrader asks that everybody may write to the exchange; what is in it has rights of its own. A network drive may refuse.
[ ! -d /srv/exchange ] || chmod 777 /srv/exchange || echo "warning: the exchange's rights could not be set" >&2
su learner -c "test -w '$work'" ||
    fail "The work folder cannot be written by user $(id -u learner): set DRYDOCK_UID and DRYDOCK_GID to its owner's ids."
