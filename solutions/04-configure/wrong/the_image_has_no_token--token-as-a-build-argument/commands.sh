# Unset for the program, but the history remembers it.
docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
printf 'FROM drydock-trainer\nARG TOKEN\nRUN train\n' >Dockerfile
docker build --build-arg "TOKEN=$(cat token)" -t trained .
