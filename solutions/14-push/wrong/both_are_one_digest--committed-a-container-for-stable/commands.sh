v=$(docker image ls penguins --format "{{.Tag}}")
r=localhost:5001/penguins
docker tag penguins:$v $r:$v
docker push $r:$v
docker run --name c penguins:$v
docker commit c $r:stable
docker push $r:stable
docker rm c
docker rmi penguins:$v $r:$v $r:stable
docker pull $r:$v
docker run --rm $r:$v
