docker run --detach --name loader --tmpfs /shm:size=512m drydock-loader
