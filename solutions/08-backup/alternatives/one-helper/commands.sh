docker run -d --name helper -v ledger:/ledger -v ledger-copy:/copy -v "$PWD":/out busybox sleep 600
docker exec helper sh -c 'cd /ledger && tar -cf /tmp/l.tar . && gzip -c /tmp/l.tar >/out/ledger.tgz'
docker exec -w /copy helper tar -xzf /out/ledger.tgz
docker rm -f helper
