# An id is no name: the image comes back without any, and gets them here again.
docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
id=$(docker images --quiet --no-trunc toolbox:1.0)
docker save --output toolbox.tar "$id"
docker rmi --force toolbox:1.0 toolbox:stable busybox
docker load --input toolbox.tar
docker tag "$id" toolbox:1.0
docker tag "$id" toolbox:stable
