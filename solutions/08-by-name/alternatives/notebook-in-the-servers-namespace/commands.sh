docker network create lab
docker rm -f notebook
docker network connect lab penguins
docker network disconnect bridge penguins
docker run -d --name notebook --network container:penguins busybox sleep 100000
