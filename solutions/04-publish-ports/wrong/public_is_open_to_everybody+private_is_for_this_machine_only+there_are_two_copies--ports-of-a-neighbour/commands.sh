# The ports of a neighbour.
docker run -d --name public -p 22107:8000 drydock-kiosk
docker run -d --name private -p 127.0.0.1:26540:8000 drydock-kiosk
