v=$(docker image ls penguins --format "{{.Tag}}")
r=localhost:5001/penguins
docker tag penguins:$v $r:$v
docker push $r:$v
docker rmi penguins:$v $r:$v
docker pull $r:$v
docker tag $r:$v $r:stable
docker push $r:stable
docker run --rm $r:stable
