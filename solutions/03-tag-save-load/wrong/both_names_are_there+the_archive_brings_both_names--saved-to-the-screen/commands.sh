# No file is named, so the archive goes to the screen.
docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
docker save toolbox:1.0 toolbox:stable
docker rmi toolbox:1.0 toolbox:stable busybox
docker load --input toolbox.tar
