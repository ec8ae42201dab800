set -e
version=$(docker image ls --format '{{.Tag}}' penguins)
for tag in "$version" stable; do docker tag "penguins:$version" "localhost:5001/penguins:$tag"; done
docker push --all-tags localhost:5001/penguins
docker rmi --force "$(docker image ls --quiet penguins)"
docker pull --all-tags localhost:5001/penguins
docker run --name proof "localhost:5001/penguins:$version"
docker logs proof
