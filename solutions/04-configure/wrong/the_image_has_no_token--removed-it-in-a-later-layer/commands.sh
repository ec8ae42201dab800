# Removed in a later layer.
docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
printf 'FROM drydock-trainer\nCOPY token /run/secrets/token\nRUN train && rm /run/secrets/token\n' >Dockerfile
docker build -t trained .
