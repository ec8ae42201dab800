# Commands, as you would type them in a terminal, one in a line. A line that begins with # is not run.

# This makes a container, too. What is it called, and what is left of it? docker ps --all tells.
docker run busybox echo "hello"
