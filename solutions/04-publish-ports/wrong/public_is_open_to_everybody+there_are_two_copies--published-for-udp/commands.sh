docker run -d --name public -p 20966:8000/udp drydock-kiosk
docker run -d --name private -p 127.0.0.1:28913:8000 drydock-kiosk
