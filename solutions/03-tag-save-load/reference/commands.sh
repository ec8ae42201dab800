# Two more names for one image: nothing is copied.
docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable

# One archive with both names. The layers are in it once.
docker save --output toolbox.tar toolbox:1.0 toolbox:stable

# The image goes with the last of its names.
docker rmi toolbox:1.0 toolbox:stable busybox

docker load --input toolbox.tar
