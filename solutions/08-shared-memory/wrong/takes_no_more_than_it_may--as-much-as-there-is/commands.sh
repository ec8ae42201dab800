docker run --detach --name loader --shm-size=64g drydock-loader
