docker run --detach --name mine --publish 5002:5000 registry:2
sleep 2
docker tag penguins:7.26.11 localhost:5002/penguins:7.26.11
docker tag penguins:7.26.11 localhost:5002/penguins:stable
docker push --all-tags localhost:5002/penguins
docker rmi penguins:7.26.11 localhost:5002/penguins:7.26.11 localhost:5002/penguins:stable
docker pull localhost:5002/penguins:stable
docker run --rm localhost:5002/penguins:stable
