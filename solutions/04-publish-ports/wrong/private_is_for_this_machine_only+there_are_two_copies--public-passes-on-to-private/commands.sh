docker network create n
docker run -d --network n --name private -p 127.0.0.1:28913:8000 drydock-kiosk
docker run -d --network n --name public -p 20966:8000 drydock-kiosk nc -ll -p 8000 -e nc private 8000
