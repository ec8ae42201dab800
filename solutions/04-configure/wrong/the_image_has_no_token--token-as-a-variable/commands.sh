docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -e TOKEN="$(docker cp vault:/token - | tar -xO)" drydock-trainer
docker exec trainer train
docker commit trainer trained
