docker run --detach --name loader --shm-size=256m --memory=64m drydock-loader
