docker run -d --name public -p 20966:8000 drydock-kiosk
docker run -d --name private -p 127.0.0.1:28913:8000 drydock-kiosk
docker run -d --name passage --link private -p 9000:9000 drydock-kiosk nc -ll -p 9000 -e nc private 8000
