docker run --detach --name loader --volume batches:/dev/shm drydock-loader
