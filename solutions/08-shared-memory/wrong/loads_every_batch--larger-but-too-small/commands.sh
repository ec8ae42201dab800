docker run --detach --name loader --shm-size=80m drydock-loader
