docker run --detach --name loader --ipc=shareable --shm-size=256m drydock-loader
docker run --detach --name trainer --ipc=container:loader busybox sleep 3600
