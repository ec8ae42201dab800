docker network create shop
docker run -dp 0.0.0.0:20966:80 --name public --network shop drydock-kiosk httpd -f -p 80 -h /www
docker run -dp 127.0.0.1:28913:8080/tcp --restart always --hostname kiosk --name private drydock-kiosk httpd -f -p 127.0.0.1:8000 -p 8080 -h /www
docker ps
