docker run --detach --name room --ipc=shareable --shm-size=256m busybox sleep 3600
docker run --detach --name loader --ipc=container:room drydock-loader
