# export and import: the files of a container, without the image's settings and names
docker run --name box busybox true
docker export --output toolbox.tar box
docker import toolbox.tar toolbox:1.0
docker tag toolbox:1.0 toolbox:stable
