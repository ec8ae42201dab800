# The token comes as a file, and is only mounted: what is mounted never gets into an image.
docker cp vault:/token token

# The file has the settings, -e beats it, and SEED is named by nobody.
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train

docker commit trainer trained
