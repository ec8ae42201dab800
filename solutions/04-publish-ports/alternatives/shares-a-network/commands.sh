# The port belongs to a container that does nothing but keep the network.
docker run -d --name public -p 20966:8000 drydock-kiosk
docker run -d --name door -p 127.0.0.1:28913:8000 busybox sleep infinity
docker run -d --name private --network container:door drydock-kiosk
