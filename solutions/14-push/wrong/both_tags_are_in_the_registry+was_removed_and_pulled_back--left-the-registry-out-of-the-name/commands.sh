docker tag penguins:7.26.11 penguins:stable
docker push penguins:7.26.11
docker push penguins:stable
docker rmi penguins:7.26.11 penguins:stable
docker pull penguins:stable
docker run --rm penguins:stable
