# The address, written down.
docker network create lab
docker network connect lab penguins
address=$(docker inspect --format '{{.NetworkSettings.Networks.bridge.IPAddress}}' penguins)
docker rm -f notebook
docker run -d --name notebook --add-host "penguins:$address" busybox sleep 3600
