docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins:7.26.11
docker manifest create --insecure localhost:5001/penguins:stable localhost:5001/penguins:7.26.11
docker manifest push --insecure localhost:5001/penguins:stable
docker rmi penguins:7.26.11 localhost:5001/penguins:7.26.11
docker pull localhost:5001/penguins:stable
docker run --rm localhost:5001/penguins:stable
