docker tag busybox toolbox:1.0
docker tag busybox toolbox:stable
docker save toolbox:1.0 toolbox:stable | tee toolbox.tar >/dev/null
docker rmi toolbox:1.0 toolbox:stable busybox
cat toolbox.tar | docker load
