docker rm -f penguins notebook
docker network create lab
docker run -d --network lab --name penguins -p 8000:8000 drydock-penguins
docker run -d --network lab --name notebook busybox sleep 3600
