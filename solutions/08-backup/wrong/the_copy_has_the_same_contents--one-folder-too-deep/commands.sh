# One level too deep.
docker run --rm -v ledger:/ledger:ro -v "$PWD":/backup busybox tar -cf /backup/ledger.tar /ledger
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xf /backup/ledger.tar -C /to
