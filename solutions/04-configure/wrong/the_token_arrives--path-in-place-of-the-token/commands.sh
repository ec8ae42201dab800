# The path of the token, in place of the token.
docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -e TOKEN=/run/secrets/token -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
