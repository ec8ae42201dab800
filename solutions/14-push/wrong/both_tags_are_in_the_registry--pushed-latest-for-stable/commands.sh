docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker tag penguins:7.26.11 localhost:5001/penguins
docker push localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins
docker rmi penguins:7.26.11 localhost:5001/penguins:7.26.11 localhost:5001/penguins
docker pull localhost:5001/penguins:7.26.11
docker run --rm localhost:5001/penguins:7.26.11
