docker run --detach --name loader drydock-loader
sleep 2
docker logs loader
docker rm --force loader
docker run --detach --name loader --ipc=private --shm-size=256m drydock-loader
