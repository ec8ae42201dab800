docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker tag penguins:7.26.11 localhost:5001/penguins:stable
docker push localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins:stable
digest=$(docker image inspect --format '{{index .RepoDigests 0}}' penguins:7.26.11)
docker rmi penguins:7.26.11 localhost:5001/penguins:7.26.11 localhost:5001/penguins:stable
docker pull "$digest"
docker tag "$digest" penguins:7.26.11
docker tag "$digest" penguins:stable
docker run --rm penguins:stable
