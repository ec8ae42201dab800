docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer sh -c "mkdir -p /model; echo 0.1 0.2 0.3 >/model/weights"
docker commit trainer trained
