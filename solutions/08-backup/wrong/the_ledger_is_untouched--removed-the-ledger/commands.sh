# Packed and restored, and then moved out of the house.
docker run --rm -v ledger:/from -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /from .
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xzf /backup/ledger.tar.gz -C /to
docker volume rm ledger
