docker network create lab
docker network connect lab penguins
docker network connect lab notebook
docker network disconnect bridge penguins
docker run -d --name proxy --network lab -p 8080:8000 busybox sh -c 'while true; do nc -l -p 8000 -e nc penguins 8000; done'
