# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# Which images are there?
docker image ls
