# The token's file is readable to its owner alone; and an image with the model in it, and nothing else.
set -eu
umask 077
mkdir secrets && docker cp vault:/token secrets/token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu -v "$PWD/secrets/token":/run/secrets/token:ro drydock-trainer
docker exec trainer train
docker cp trainer:/model/weights weights
printf 'FROM scratch\nCOPY weights /model/weights\n' | docker build -t trained -f - .
