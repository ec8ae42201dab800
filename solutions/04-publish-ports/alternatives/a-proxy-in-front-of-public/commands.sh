docker network create n
docker run -d --network n --name public -p 20966:9000 drydock-kiosk sh -c "httpd -p 8000 -h /www; exec nc -ll -p 9000 -e nc 127.0.0.1 8000"
docker run -d --name private -p 127.0.0.1:28913:8000 drydock-kiosk
