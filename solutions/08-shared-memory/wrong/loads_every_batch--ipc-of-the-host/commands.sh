# As the README of a large framework says.
docker run --detach --name loader --ipc=host drydock-loader
