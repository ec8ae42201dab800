# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# Which version is it, and where is the registry?
docker image ls penguins
docker ps
