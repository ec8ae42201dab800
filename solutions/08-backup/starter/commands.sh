# Commands, as you would type them in a terminal, one per line. A line that begins with # is not run.

# What is in the volume?
docker run --rm -v ledger:/ledger:ro busybox ls -la /ledger
