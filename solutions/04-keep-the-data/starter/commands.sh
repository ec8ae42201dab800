# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# Version 1.0 runs, and gets a row.
docker run -d --name logbook drydock-logbook:1.0
docker exec logbook add Adelie 3700
docker exec logbook rows

# And now version 2.0. Where are the rows?
docker rm --force logbook
docker run -d --name logbook drydock-logbook:2.0
docker exec logbook rows
