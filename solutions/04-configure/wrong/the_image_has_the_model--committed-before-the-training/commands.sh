docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker commit trainer trained
docker exec trainer train
