docker run --detach --name loader --restart=always drydock-loader
