# From volume to volume, by a pipe; and then an archive, of the copy.
docker volume create ledger-copy
docker run --rm -v ledger:/from:ro -v ledger-copy:/to busybox sh -c "tar -C /from -cf - . | tar -C /to -xf -"
docker run --rm -v ledger-copy:/from:ro -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /from .
