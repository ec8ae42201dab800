# The page was copied, and another server has it.
docker network create lab
docker cp penguins:/www www
docker rm -f penguins
docker run -d --name penguins --network lab -v "$PWD/www":/www:ro busybox httpd -f -p 8000 -h /www
docker network connect lab notebook
