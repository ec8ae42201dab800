# The server is on the new network, and still on the old one.
docker network create lab
docker network connect lab penguins
docker network connect lab notebook
