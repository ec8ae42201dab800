# Everybody on the new network.
docker network create lab
for name in penguins notebook visitor; do
    docker network connect lab $name
    docker network disconnect bridge $name
done
