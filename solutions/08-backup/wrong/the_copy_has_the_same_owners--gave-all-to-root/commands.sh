docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -cf /backup/ledger.tar -C /from .
docker run --rm -v "$PWD":/backup busybox mkdir -m 777 /backup/unpacked
docker run --rm -v "$PWD":/backup busybox tar -xf /backup/ledger.tar -C /backup/unpacked
docker run --rm -v "$PWD/unpacked":/from:ro -v ledger-copy:/to busybox cp -rdp /from/. /to
docker run --rm -v ledger-copy:/to busybox chown -R 0:0 /to
