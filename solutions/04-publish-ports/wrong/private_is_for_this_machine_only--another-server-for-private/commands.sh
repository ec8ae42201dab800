# The page is the kiosk's, the server is not.
docker run -d --name public -p 20966:8000 drydock-kiosk
docker run -d --name private -p 127.0.0.1:28913:8000 busybox sh -c 'mkdir /www && echo "Kiosk: the penguins are open from nine to five." >/www/index.html && httpd -f -p 8000 -h /www'
