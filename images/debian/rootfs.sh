#!/usr/bin/env bash
# Writes the root file system of debian:trixie-slim as a tar to the file named by $1. Run by scripts/images.sh, which sets
#   DEBIAN_URI, SECURITY_URI   where this machine gets Debian's packages (empty on Ubuntu: then mmdebstrap's own default)
#   APT_SETTINGS               a file of apt settings that this machine needs for those (a proxy, a clock that is off)
#   EXTRA_CA                   a folder of *.crt that this machine trusts beyond Debian's own (may be empty)
# shellcheck disable=SC2016  # "$1" in the hooks is theirs: mmdebstrap tells them where the root is
set -euo pipefail
tar=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source_stanza() { # suites uri
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$2" "$1"
    printf 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n'
}
mirror=()
if [ -n "$DEBIAN_URI" ]; then
    mirror=("$work/debian.sources" --customize-hook='rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/0*')
    source_stanza "trixie trixie-updates" "$DEBIAN_URI" >"$work/debian.sources"
    if [ -n "${SECURITY_URI:-}" ]; then source_stanza trixie-security "$SECURITY_URI" >>"$work/debian.sources"; fi
fi

# mmdebstrap writes each --dpkgopt to the image too, so that a later apt-get install leaves documentation out as well.
excludes=()
for path in doc man info groff locale lintian linda; do excludes+=(--dpkgopt="path-exclude=/usr/share/$path/*"); done
for path in 'doc/*/copyright' locale/locale.alias; do excludes+=(--dpkgopt="path-include=/usr/share/$path"); done

mkdir "$work/files"
cp -r "$here/files/." "$work/files/"
mkdir -p "$work/files/etc/apt/sources.list.d" "$work/files/usr/local/share/ca-certificates"
if [ -n "$DEBIAN_URI" ]; then cp "$work/debian.sources" "$work/files/etc/apt/sources.list.d/"; fi
if [ -s "$APT_SETTINGS" ]; then cp "$APT_SETTINGS" "$work/files/etc/apt/apt.conf.d/drydock-host"; fi
# Only put in place: Debian's ca-certificates takes them up by itself wherever it is installed on top of this image.
find "$EXTRA_CA" -name '*.crt' -exec cp {} "$work/files/usr/local/share/ca-certificates/" \;
chmod -R u=rwX,go=rX "$work/files"
chmod 755 "$work/files/usr/sbin/policy-rc.d"
tar -C "$work/files" --owner=0 --group=0 -cf "$work/files.tar" .

mmdebstrap --variant=minbase --format=tar "${excludes[@]}" \
    --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Retries "3"' \
    --aptopt="$APT_SETTINGS" \
    --customize-hook='rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
    --customize-hook='mv "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/docker' \
    --customize-hook="tar-in $work/files.tar /" \
    --customize-hook='rm -rf "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id' \
    --customize-hook='rm -rf "$1"/var/log/* "$1"/var/cache/* "$1"/usr/share/locale/* "$1"/usr/share/man "$1"/usr/share/info' \
    --customize-hook='mkdir -p "$1"/var/cache/apt/archives/partial "$1"/var/log/apt "$1"/var/cache/debconf' \
    trixie "$tar" "${mirror[@]}"
