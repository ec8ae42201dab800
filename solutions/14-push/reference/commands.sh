# The name of an image says where it goes: registry, repository, tag.
docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker tag penguins:7.26.11 localhost:5001/penguins:stable

# The layers travel once; the second push only adds a name.
docker push localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins:stable

# The image goes with the last of its names.
docker rmi penguins:7.26.11 localhost:5001/penguins:7.26.11 localhost:5001/penguins:stable

# From here on there is only what the registry has.
docker pull localhost:5001/penguins:stable
docker run --rm localhost:5001/penguins:stable
