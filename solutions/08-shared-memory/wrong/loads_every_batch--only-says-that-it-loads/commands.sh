docker run --detach --name loader --shm-size=256m drydock-loader sh -c 'echo "epoch 1: 4 batches, checksum 0123456789ab"; sleep 3600'
