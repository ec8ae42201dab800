# Unpacked beside the place where the volume is mounted.
docker volume create ledger-copy
docker run --rm -v ledger:/ledger:ro -v "$PWD":/backup busybox tar -cf /backup/ledger.tar -C / ledger
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xf /backup/ledger.tar
