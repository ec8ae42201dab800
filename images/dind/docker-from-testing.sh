#!/bin/sh
# Lets apt take Docker's own packages, and nothing else, from Debian's testing suite, where a current engine is. The suite
# moves: what is there from 28.5 up is taken; where it is older, or the package source has no such suite, the stable suite's
# packages stay, with a note.
set -eu

wanted=28.5
source=/etc/apt/sources.list.d/docker-from-testing.sources
pin=/etc/apt/preferences.d/docker-from-testing

# The archive's own stanza, the first one: same address, same key, another suite.
sed -e '/^$/,$d' -e 's/^Suites:.*/Suites: testing/' /etc/apt/sources.list.d/debian.sources >"$source"
cat >"$pin" <<'PIN'
Package: *
Pin: release a=testing
Pin-Priority: 50

Package: docker.io docker-cli docker-buildx docker-compose containerd tini tini-static
Pin: release a=testing
Pin-Priority: 990
PIN
found=''
if apt-get -o Acquire::Retries=3 update; then
    found=$(apt-cache policy docker.io | sed -n 's/^ *Candidate: //p')
fi
if [ -n "$found" ] && dpkg --compare-versions "$found" ge "$wanted"; then
    echo "docker.io $found from the testing suite"
else
    rm -f "$source" "$pin"
    echo "note: no engine from $wanted up is in the testing suite (found: ${found:-no such suite}); the stable suite's is taken" >&2
fi
