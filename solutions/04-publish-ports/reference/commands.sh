# docker logs front-desk said it. These two are somebody else's: yours are different.
docker run --detach --name public --publish 20966:8000 drydock-kiosk

# With an address in front the door is on that address alone.
docker run --detach --name private --publish 127.0.0.1:28913:8000 drydock-kiosk
