mkdir -p out
docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
docker save -o out/image.tar toolbox:1.0 toolbox:stable busybox:latest
ln -s out/image.tar toolbox.tar
docker rmi toolbox:1.0 toolbox:stable busybox
docker load -i toolbox.tar
docker rmi busybox
