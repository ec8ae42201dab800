docker run -d --name private -p 127.0.0.1:28913:8000 drydock-kiosk
