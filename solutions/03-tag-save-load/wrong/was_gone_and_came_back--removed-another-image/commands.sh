# An image was deleted, and an archive loaded; but it was another image.
docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
docker save --output toolbox.tar toolbox:1.0 toolbox:stable
docker run --name trial busybox touch /trial
docker commit trial trial
docker rm trial
docker rmi trial
docker load --input toolbox.tar
