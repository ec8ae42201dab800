docker cp vault:/token token
docker create --name trainer --env-file settings.env -e DEVICE=gpu drydock-trainer
mkdir -p run/secrets && mv token run/secrets/token
docker cp run trainer:/
docker start trainer
docker exec trainer train
docker cp trainer:/model/weights weights
printf "FROM busybox\nCOPY weights /model/\n" >Dockerfile
docker build -t trained .
