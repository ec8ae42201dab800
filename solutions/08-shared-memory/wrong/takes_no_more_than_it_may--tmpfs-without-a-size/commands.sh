docker run --detach --name loader --tmpfs /dev/shm drydock-loader
