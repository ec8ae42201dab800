# docker tag without a tag: it is called latest.
docker tag busybox toolbox
docker save --output toolbox.tar toolbox
docker rmi toolbox busybox
docker load --input toolbox.tar
