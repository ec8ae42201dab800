#!/bin/sh
# Lays out /rootfs: busybox, a hard link in /bin for each applet, and the libraries that its name look-ups load.
set -eu
mkdir -p /rootfs/bin /rootfs/etc /rootfs/lib /rootfs/usr/bin /rootfs/usr/sbin /rootfs/dev /rootfs/proc /rootfs/sys \
    /rootfs/home /rootfs/root /rootfs/run /rootfs/tmp /rootfs/var/spool/mail /rootfs/var/www
ln -s lib /rootfs/lib64
cp /passwd /group /etc/nsswitch.conf /rootfs/etc/
sed 's/:.*/:*:::::::/' /passwd >/rootfs/etc/shadow
chmod 600 /rootfs/etc/shadow
cp "$(readlink -f /usr/share/zoneinfo/UTC)" /rootfs/etc/localtime
chmod 700 /rootfs/root
chmod 1777 /rootfs/tmp

cp "$(command -v busybox)" /rootfs/bin/busybox
cp "$(command -v getconf)" /rootfs/bin/
libraries=$(dirname "$(readlink -f /lib/*/libc.so.6)")
for name in ld-linux* libc.so.6 libresolv.so.2 libnss_* libpthread.so.0; do
    for file in "$libraries"/$name; do [ ! -e "$file" ] || cp -L "$file" /rootfs/lib/; done
done

for applet in $(/rootfs/bin/busybox --list); do
    [ -e "/rootfs/bin/$applet" ] || ln /rootfs/bin/busybox "/rootfs/bin/$applet"
done
ln -s ../../bin/env /rootfs/usr/bin/env
chroot /rootfs /bin/sh -c 'getconf _NPROCESSORS_ONLN && date'
