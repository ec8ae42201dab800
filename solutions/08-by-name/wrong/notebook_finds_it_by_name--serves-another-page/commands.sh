# The name is right, the server is not.
docker rm -f penguins notebook
docker network create lab
docker run -d --network lab --name penguins busybox httpd -f -p 8000 -h /etc
docker run -d --network lab --name notebook busybox sleep 3600
