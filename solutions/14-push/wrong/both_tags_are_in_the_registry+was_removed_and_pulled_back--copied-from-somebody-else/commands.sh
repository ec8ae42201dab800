docker tag penguins:3.14.15 localhost:5001/penguins:3.14.15
docker tag penguins:3.14.15 localhost:5001/penguins:stable
docker push localhost:5001/penguins:3.14.15
docker push localhost:5001/penguins:stable
docker rmi penguins:3.14.15 localhost:5001/penguins:3.14.15 localhost:5001/penguins:stable
docker pull localhost:5001/penguins:stable
docker run --rm localhost:5001/penguins:stable
