docker start diary
docker stop server
docker rm -f draft
docker rename relic spare
