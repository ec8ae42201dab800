# The volume is copied all right, but the archive is of a volume with a typing error in its name.
docker run --rm -v ledgr:/from:ro -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /from .
docker volume create ledger-copy
docker run --rm -v ledger:/from:ro -v ledger-copy:/to busybox cp -a /from/. /to
