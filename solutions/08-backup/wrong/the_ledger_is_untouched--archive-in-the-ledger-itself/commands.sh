# A place in the volume itself, for want of another.
docker run --rm -v ledger:/from -v ledger-copy:/to busybox sh -c 'tar -cf /tmp/l.tar -C /from . && cp /tmp/l.tar /from/ledger.tar && tar -xf /from/ledger.tar -C /to'
docker run --rm -v ledger:/from -v "$PWD":/backup busybox cp /from/ledger.tar /backup
