docker tag penguins:7.26.11 registry:5000/penguins:7.26.11
docker tag penguins:7.26.11 registry:5000/penguins:stable
docker push --all-tags registry:5000/penguins
docker rmi penguins:7.26.11 registry:5000/penguins:7.26.11 registry:5000/penguins:stable
docker pull registry:5000/penguins:stable
docker run --rm registry:5000/penguins:stable
