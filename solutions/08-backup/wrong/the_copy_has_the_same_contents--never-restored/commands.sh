# The backup is there, but was never restored.
docker run --rm -v ledger:/ledger:ro -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /ledger .
