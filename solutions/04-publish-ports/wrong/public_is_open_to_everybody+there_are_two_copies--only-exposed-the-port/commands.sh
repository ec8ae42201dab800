docker run -d --name public --expose 20966 -P drydock-kiosk
docker run -d --name private -p 127.0.0.1:28913:8000 drydock-kiosk
