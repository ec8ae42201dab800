# It loads by itself then, and needs no shared memory.
docker run --detach --name loader --env WORKERS=0 drydock-loader
