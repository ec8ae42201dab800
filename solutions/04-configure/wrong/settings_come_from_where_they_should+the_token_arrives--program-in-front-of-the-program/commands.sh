docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/token drydock-trainer sh -c 'echo "EPOCHS=$EPOCHS DEVICE=$DEVICE SEED=$SEED"; echo "token: $(sha256sum </token | cut -c 1-8)"; sleep infinity'
docker exec trainer train
docker commit trainer trained
