# One stream: into the archive, and on into the new volume.
docker volume create ledger-copy
docker run --rm -v ledger:/from:ro busybox tar -c -C /from . | tee ledger.tar | docker run --rm -i -v ledger-copy:/to busybox tar -x -C /to
