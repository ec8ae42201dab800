# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# Who is there, running or not?
docker ps --all
