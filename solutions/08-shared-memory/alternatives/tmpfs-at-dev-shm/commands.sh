docker run --detach --name loader --tmpfs /dev/shm:size=200m drydock-loader
