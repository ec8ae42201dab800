v=$(docker image ls penguins --format "{{.Tag}}")
r=localhost:5001/penguins
docker tag penguins:$v $r:$v
docker push $r:$v
docker tag penguins:$v $r:stable
docker push $r:stable
docker rmi penguins:$v $r:$v $r:stable
docker pull $r:$v
docker run --rm $r:$v
docker tag busybox $r:stable
docker tag busybox $r:$v
docker push $r:stable
docker push $r:$v
