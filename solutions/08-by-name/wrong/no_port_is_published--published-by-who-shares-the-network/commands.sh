docker network create lab
docker rm -f penguins
docker run -d --name house --network lab --network-alias penguins -p 127.0.0.1:8000:8000 busybox sleep 100000
docker run -d --name penguins --network container:house drydock-penguins
docker network connect lab notebook
