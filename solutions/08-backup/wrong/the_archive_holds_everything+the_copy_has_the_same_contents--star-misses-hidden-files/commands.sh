# A star, and what is hidden stays behind.
docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox sh -c 'cd /from && tar -cf /backup/ledger.tar *'
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xf /backup/ledger.tar -C /to
