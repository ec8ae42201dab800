# Quotes belong to the value, here.
docker cp vault:/token token
echo 'DEVICE="gpu"' >own.env
docker run -d --name trainer --env-file settings.env --env-file own.env -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
