docker pull busybox
for tag in 1.0 stable; do docker tag busybox "toolbox:$tag"; done
docker save -o "$PWD/toolbox.tar" busybox:latest toolbox:1.0 toolbox:stable
docker system prune --all --force
cat toolbox.tar | docker load
docker run --rm toolbox:stable echo "still here"
