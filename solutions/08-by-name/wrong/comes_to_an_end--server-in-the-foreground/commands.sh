docker network create lab
docker network connect lab notebook
docker rm -f penguins
docker run --network lab --name penguins drydock-penguins
