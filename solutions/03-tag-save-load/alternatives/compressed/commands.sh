set -e
docker image tag busybox:latest toolbox:1.0
docker image tag toolbox:1.0 toolbox:stable
docker image save toolbox:1.0 toolbox:stable | gzip > toolbox.tar
docker image prune --all --force
docker image load < toolbox.tar
docker image ls
