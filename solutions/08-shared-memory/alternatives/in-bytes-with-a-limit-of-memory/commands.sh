# What is in shared memory counts as the container's memory: the batches, and each worker's own copy while it loads.
docker run --detach --name loader --shm-size=268435456 --memory=700m drydock-loader
