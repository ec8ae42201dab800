v=$(docker image ls penguins --format "{{.Tag}}")
r=localhost:5001/penguins
for t in $v stable; do docker tag penguins:$v $r:$t; docker push -q $r:$t; done
docker rmi $r:$v $r:stable penguins:$v
docker run --rm $r:$v
