docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
docker save -o image.tar toolbox:1.0 toolbox:stable
docker rmi toolbox:1.0 toolbox:stable busybox
docker load -i image.tar
mkdir toolbox.tar && mv image.tar toolbox.tar/
