docker run --detach --name loader drydock-loader --shm-size=256m
