set -eu
TOKEN=$(docker cp vault:/token - | tar -xO)
export TOKEN
printf 'DEVICE=gpu\n' >own.env
docker run --detach --name trainer --env-file settings.env --env-file own.env --env TOKEN drydock-trainer
docker run --name apprentice --env-file settings.env --env-file own.env drydock-trainer train
docker commit --message "without a secret" apprentice trained
docker rm apprentice
