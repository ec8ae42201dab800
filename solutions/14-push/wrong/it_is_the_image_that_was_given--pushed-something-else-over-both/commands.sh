docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker tag penguins:7.26.11 localhost:5001/penguins:stable
docker push localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins:stable
docker rmi penguins:7.26.11 localhost:5001/penguins:7.26.11 localhost:5001/penguins:stable
docker pull localhost:5001/penguins:stable
docker run --rm localhost:5001/penguins:stable
docker tag busybox localhost:5001/penguins:7.26.11
docker tag busybox localhost:5001/penguins:stable
docker push localhost:5001/penguins:7.26.11
docker push localhost:5001/penguins:stable
# Nobody will notice.
docker rmi localhost:5001/penguins:7.26.11 localhost:5001/penguins:stable
