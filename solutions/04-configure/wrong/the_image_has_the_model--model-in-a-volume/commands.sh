# The model is in a volume, and what is in a volume is in no image.
docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v model:/model -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
