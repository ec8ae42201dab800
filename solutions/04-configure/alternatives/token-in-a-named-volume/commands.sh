docker volume create secret
docker create --name helper -v secret:/run/secrets drydock-trainer
docker cp vault:/token - | docker cp - helper:/run/secrets
docker run -d --name trainer --env-file settings.env --env DEVICE=gpu -v secret:/run/secrets:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
docker rm helper
