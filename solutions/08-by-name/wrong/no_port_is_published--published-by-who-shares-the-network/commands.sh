docker network create lab
docker rm -f penguins
docker run -d --name pause --network lab -p 8000:8000 busybox sleep 100000
docker run -d --name penguins --network container:pause drydock-penguins
docker network connect lab notebook
