# In another alphabet.
docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
base64 token >settings
docker cp settings trainer:/settings
docker commit trainer trained
