docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
docker save -o toolbox.tar toolbox:1.0 toolbox:stable
docker rmi toolbox:1.0 toolbox:stable busybox
docker load -i toolbox.tar
docker run --name changed toolbox:1.0 touch /new
docker commit changed toolbox:stable
docker rm changed
