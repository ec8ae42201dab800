# docker cp, there and back.
docker create --name from -v ledger:/data busybox
docker cp from:/data unpacked
tar -cf ledger.tar -C unpacked .
docker create --name to -v ledger-copy:/data busybox
docker cp unpacked/. to:/data
docker rm from to
