docker run --rm -v ledger:/l:ro busybox tar -cz -C /l . > ledger.tar.gz
docker volume create ledger-copy
docker run --rm -i -v ledger-copy:/l busybox tar -xz -C /l < ledger.tar.gz
