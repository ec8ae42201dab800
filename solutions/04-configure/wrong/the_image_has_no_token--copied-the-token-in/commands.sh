# Copied into the container instead of mounted.
docker cp vault:/token token
docker create --name trainer --env-file settings.env -e DEVICE=gpu -e TOKEN_FILE=/token drydock-trainer
docker cp token trainer:/token
docker start trainer
docker exec trainer train
docker commit trainer trained
