docker run --name public -p 20966:8000 drydock-kiosk
docker run --name private -p 127.0.0.1:28913:8000 drydock-kiosk
