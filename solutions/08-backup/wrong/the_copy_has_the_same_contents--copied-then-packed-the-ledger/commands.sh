docker run --rm -v ledger:/from:ro -v ledger-copy:/to busybox cp -a /from/. /to/
docker run --rm -v ledger:/from:ro -v "$PWD":/b busybox tar -cf /b/ledger.tar -C /from .
