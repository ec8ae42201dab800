# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# By its address it works. Will the address be the same tomorrow?
address=$(docker inspect --format '{{.NetworkSettings.Networks.bridge.IPAddress}}' penguins)
docker exec notebook wget -q -O - "http://$address:8000/"

# By its name?
docker exec notebook ping -c 1 -W 1 penguins
