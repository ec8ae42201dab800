# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# This makes a container, too. What is it called, and what is left of it? docker ps --all tells you.
docker run busybox echo "hello"
