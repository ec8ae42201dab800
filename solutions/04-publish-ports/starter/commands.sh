# Commands, as you would type them in a terminal, one in a line. A line that begins with # is not run.

# The kiosk runs, but there is no door.
docker run -d --name public drydock-kiosk
