# In the background (--detach), with a name, and with a program that does not end for a long time.
docker run --detach --name keeper busybox sleep infinity

# In the foreground: docker run returns when the container has ended. Without --rm it stays, with its log and its exit code.
docker run --name hello busybox echo "hello"
