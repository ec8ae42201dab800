docker network create lab
docker network disconnect bridge penguins
docker network connect lab notebook
docker run -d --name pages --network lab --network-alias penguins drydock-penguins
