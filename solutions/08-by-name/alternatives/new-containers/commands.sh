set -e
docker rm -f penguins notebook visitor
docker network create --internal inside
docker network create cafe
docker run -d --network inside --name penguins drydock-penguins
docker run -d --network inside --name notebook busybox sleep 3600
docker run -d --network cafe --name visitor busybox sleep 3600
