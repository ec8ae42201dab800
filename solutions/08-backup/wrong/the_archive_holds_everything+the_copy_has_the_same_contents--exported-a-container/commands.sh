# A container's own files; the volume is not among them.
docker run --name holder -v ledger:/ledger busybox true
docker export holder >ledger.tar
docker volume create ledger-copy
docker run --rm -v ledger-copy:/to -v "$PWD":/backup busybox tar -xf /backup/ledger.tar -C /to ledger
