docker run --rm -v ledger:/ledger:ro -v "$PWD":/b busybox tar -cf /b/ledger.tar -C / ledger
docker run --rm -v "$PWD":/b busybox gzip /b/ledger.tar
docker run --rm -v ledger-copy:/ledger -v "$PWD":/b:ro busybox sh -c 'cd / && tar -xzf /b/ledger.tar.gz'
