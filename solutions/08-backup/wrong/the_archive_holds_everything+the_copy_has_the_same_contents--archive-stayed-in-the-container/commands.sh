# The archive stays in the container, and goes with it.
docker run --rm -v ledger:/from:ro -v ledger-copy:/to busybox sh -c 'tar -cf /ledger.tar -C /from . && tar -xf /ledger.tar -C /to'
