# Nobody can reach anybody who is nowhere.
docker network create lab
docker network connect lab penguins
docker network connect lab notebook
docker network disconnect bridge penguins
docker network disconnect bridge visitor
