# The archive is there, and nobody has ever opened it.
docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /from .
docker volume create ledger-copy
docker run --rm -v ledger:/from:ro -v ledger-copy:/to busybox cp -a /from/. /to
