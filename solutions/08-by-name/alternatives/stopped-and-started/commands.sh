docker network create net1
docker stop -t 1 penguins
docker network connect net1 penguins
docker network disconnect bridge penguins
docker start penguins
docker network connect net1 notebook
