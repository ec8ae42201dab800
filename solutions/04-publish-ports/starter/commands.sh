# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# The kiosk runs, but there is no door.
docker run -d --name public drydock-kiosk
