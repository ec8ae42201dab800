docker network create lab
docker network connect lab penguins
docker network connect lab notebook
docker network disconnect bridge penguins
docker stop -t 1 visitor
