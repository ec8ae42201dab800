# As somebody who may not give files away.
docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -cf /backup/ledger.tar -C /from .
docker run --rm -v ledger-copy:/to busybox chmod 777 /to
docker run --rm --user 1000 -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xf /backup/ledger.tar -C /to
