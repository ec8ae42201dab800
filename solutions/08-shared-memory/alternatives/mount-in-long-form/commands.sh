docker run --detach --name loader --mount type=tmpfs,destination=/dev/shm,tmpfs-size=512m drydock-loader
