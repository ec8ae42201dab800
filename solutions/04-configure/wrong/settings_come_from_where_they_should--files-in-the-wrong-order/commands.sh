# The last file wins, and it is the wrong one.
docker cp vault:/token token
echo DEVICE=gpu >own.env
docker run -d --name trainer --env-file own.env --env-file settings.env -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
