# The token of a neighbour.
echo hzq4v8kcx2n7wd3m >token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker commit trainer trained
