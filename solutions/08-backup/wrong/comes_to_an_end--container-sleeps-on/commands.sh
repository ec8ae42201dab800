docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /from .
docker volume create ledger-copy
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox sh -c 'cd /to && tar -xzf /backup/ledger.tar.gz; sleep 600'
