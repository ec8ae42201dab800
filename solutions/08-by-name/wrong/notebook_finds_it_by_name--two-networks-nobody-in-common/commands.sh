# Two networks that have the same purpose, and nobody in common.
docker network create lab-a
docker network create lab-b
docker network connect lab-a penguins
docker network connect lab-b notebook
docker network disconnect bridge penguins
docker network disconnect bridge notebook
