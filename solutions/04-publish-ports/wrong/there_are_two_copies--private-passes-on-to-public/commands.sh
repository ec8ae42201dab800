# Behind the second door somebody stands who asks at the first one.
docker network create shop
docker run -d --name public --network shop -p 20966:8000 drydock-kiosk
docker run -d --name private --network shop -p 127.0.0.1:28913:8000 drydock-kiosk nc -ll -p 8000 -e nc public 8000
