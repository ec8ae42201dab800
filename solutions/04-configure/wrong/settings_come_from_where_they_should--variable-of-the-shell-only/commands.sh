# A variable of the shell, and no container sees it.
docker cp vault:/token token
DEVICE=gpu docker run -d --name trainer --env-file settings.env -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
