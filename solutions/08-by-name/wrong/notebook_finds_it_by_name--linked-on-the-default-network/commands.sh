# A link on the default network.
docker rm -f notebook
docker run -d --name notebook --link penguins busybox sleep 3600
