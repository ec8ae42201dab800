docker network create lab
docker network connect lab penguins
docker network connect lab notebook
docker network disconnect bridge penguins
docker rm -f visitor
docker run -d --name visitor --network container:notebook busybox sleep 100000
