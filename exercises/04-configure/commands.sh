# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# The trainer runs, with the image's own settings.
docker run -d --name trainer drydock-trainer
docker exec trainer train
