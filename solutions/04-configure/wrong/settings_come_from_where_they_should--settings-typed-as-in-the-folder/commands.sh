docker cp vault:/token token
docker run -d --name trainer -e EPOCHS=20 -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
