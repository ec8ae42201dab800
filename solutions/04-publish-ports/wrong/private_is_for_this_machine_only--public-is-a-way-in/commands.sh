docker network create n
docker run -d --network n --name private -p 127.0.0.1:28913:8000 drydock-kiosk
docker run -d --network n --name public -p 20966:8000 -p 9000:9000 drydock-kiosk sh -c "httpd -p 8000 -h /www; exec nc -ll -p 9000 -e nc private 8000"
