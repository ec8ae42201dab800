# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# The loader starts, and dies.
docker run --detach --name loader drydock-loader
