# Not the links, but what they lead to.
docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -chf /backup/ledger.tar -C /from .
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xf /backup/ledger.tar -C /to
