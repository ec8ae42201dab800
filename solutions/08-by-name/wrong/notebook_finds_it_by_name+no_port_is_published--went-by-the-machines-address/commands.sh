# By way of a published port, at the address of the machine.
docker rm -f penguins
docker run -d --name penguins -p 8000:8000 drydock-penguins
docker exec notebook sh -c 'echo "$(ip route | sed -n "s/default via \([^ ]*\).*/\1/p") penguins" >>/etc/hosts'
