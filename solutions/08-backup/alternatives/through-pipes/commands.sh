set -e
docker run --rm -v ledger:/ledger:ro busybox tar -c /ledger >ledger.tar
docker volume create ledger-copy
docker run --rm -i --mount source=ledger-copy,target=/ledger busybox tar -xp -C / <ledger.tar
