# A stopped container still has its files; start takes it up again.
docker start diary

# Asks its program to end (SIGTERM) and waits for it; the container stays, stopped.
docker stop server

# Running, so it needs --force; or docker stop draft before it.
docker rm --force draft
docker rm relic

# Made, but not started.
docker create --name spare busybox sleep 3600
