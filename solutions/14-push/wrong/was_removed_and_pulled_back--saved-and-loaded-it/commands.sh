docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker tag penguins:7.26.11 localhost:5001/penguins:stable
docker push localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins:stable
docker save --output penguins.tar localhost:5001/penguins:7.26.11 localhost:5001/penguins:stable
docker rmi penguins:7.26.11 localhost:5001/penguins:7.26.11 localhost:5001/penguins:stable
docker load --input penguins.tar
docker pull localhost:5001/penguins:stable
docker run --rm localhost:5001/penguins:stable
