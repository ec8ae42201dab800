docker cp vault:/token token
docker create --name trainer -e DEVICE=gpu --env-file ./settings.env -e TOKEN_FILE=/secret --mount "type=bind,source=$PWD/token,target=/secret,readonly" drydock-trainer
docker start trainer
docker exec trainer train
mkdir context && docker cp trainer:/model context/model
printf 'FROM drydock-trainer\nCOPY model /model\n' >context/Dockerfile
docker build -t trained context
