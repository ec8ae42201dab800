docker run --name loader --shm-size=256m drydock-loader
