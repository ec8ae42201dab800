v=$(docker image ls penguins --format "{{.Tag}}")
r=localhost:5001/penguins
docker tag penguins:$v 127.0.0.1:5001/penguins:$v
docker tag penguins:$v 127.0.0.1:5001/penguins:stable
docker push 127.0.0.1:5001/penguins:$v
docker push 127.0.0.1:5001/penguins:stable
docker rmi $(docker image ls -q --no-trunc penguins | sort -u) -f
docker pull 127.0.0.1:5001/penguins:$v
docker run 127.0.0.1:5001/penguins:$v
