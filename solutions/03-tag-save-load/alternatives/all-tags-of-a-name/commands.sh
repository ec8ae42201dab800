docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
docker save toolbox > toolbox.tar
docker rmi --force $(docker images --quiet | sort -u)
docker load -i toolbox.tar
