docker create --name packer -v ledger:/from:ro busybox tar -czf /tmp/ledger.tar.gz -C /from .
docker start -a packer
docker cp packer:/tmp/ledger.tar.gz .
docker rm packer
docker create --name unpacker -v ledger-copy:/to busybox tar -xzf /tmp/ledger.tar.gz -C /to
docker cp ledger.tar.gz unpacker:/tmp/ledger.tar.gz
docker start -a unpacker
docker rm unpacker
