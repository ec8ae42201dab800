docker cp vault:/token token
docker run -d --name trainer --env-file settings.env -e DEVICE=gpu drydock-trainer
docker exec -i trainer sh -c "mkdir -p /run/secrets; cat >/run/secrets/token" <token
docker exec trainer train
docker cp trainer:/model/weights weights
printf "FROM scratch\nCOPY weights /model/\n" | docker build -t trained -f - . --build-arg a=b
