docker run --detach --name loader --shm-size=65536 drydock-loader
