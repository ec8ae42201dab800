# Pack: the volume read-only, this folder beside it. The dot stands for the folder as a whole, hidden names included.
docker run --rm -v ledger:/from:ro -v "$PWD":/backup busybox tar -czf /backup/ledger.tar.gz -C /from .

# Unpack into a volume that is new. The container runs as root: only root can give files to somebody else.
docker volume create ledger-copy
docker run --rm -v ledger-copy:/to -v "$PWD":/backup:ro busybox tar -xzf /backup/ledger.tar.gz -C /to
