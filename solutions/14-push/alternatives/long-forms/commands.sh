# localhost and 127.0.0.1 are one registry. Prune takes every image that no container uses.
docker image tag penguins:7.26.11 127.0.0.1:5001/penguins:7.26.11
docker image push 127.0.0.1:5001/penguins:7.26.11
docker image tag penguins:7.26.11 localhost:5001/penguins:stable
docker image push --quiet localhost:5001/penguins:stable
docker image prune --all --force
# What is not here, run pulls by itself.
docker container run --detach --name penguins 127.0.0.1:5001/penguins:stable
docker container wait penguins
docker container rm penguins
