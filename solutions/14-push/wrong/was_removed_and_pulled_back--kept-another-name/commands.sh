v=$(docker image ls penguins --format "{{.Tag}}")
r=localhost:5001/penguins
docker tag penguins:$v $r:$v
docker tag penguins:$v $r:stable
docker push -a $r
docker tag penguins:$v keep
docker rmi penguins:$v $r:$v $r:stable
docker pull $r:$v
docker run --rm $r:$v
