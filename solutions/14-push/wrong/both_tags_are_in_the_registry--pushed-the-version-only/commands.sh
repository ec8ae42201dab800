docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins:7.26.11
docker rmi penguins:7.26.11 localhost:5001/penguins:7.26.11
docker pull localhost:5001/penguins:7.26.11
# The second name, on this side only.
docker tag localhost:5001/penguins:7.26.11 localhost:5001/penguins:stable
docker run --rm localhost:5001/penguins:stable
