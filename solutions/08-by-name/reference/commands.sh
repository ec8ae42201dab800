# On a network that you make, containers find each other by name.
docker network create lab
docker network connect lab penguins
docker network connect lab notebook

# The default network is still there, and the visitor is on it: the server has to leave it.
docker network disconnect bridge penguins
