# Restored from one archive, and another one is left beside the commands: of the books alone.
docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /from .
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xzf /backup/ledger.tar.gz -C /to
docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -cf /backup/ledger.tar -C /from books
