docker run --detach --name loader --memory=1g drydock-loader
