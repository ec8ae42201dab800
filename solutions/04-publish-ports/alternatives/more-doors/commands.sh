docker run -d --name public -p 20966:8000 -p 8080:8000 drydock-kiosk
docker run -d --name private --read-only -p 127.0.0.1:28913:8000 -p 127.0.0.1:8081:8000 drydock-kiosk
docker rm front-desk
