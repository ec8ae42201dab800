docker run --detach --name loader --ipc=none drydock-loader
