# It says itself how much it needs: docker logs loader. Everybody's needs less than 180 MB.
docker run --detach --name loader --shm-size=256m drydock-loader
