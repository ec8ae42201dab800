set -eu
port() { docker logs front-desk | sed -n "s/.*$1 kiosk: port \([0-9]*\),.*/\1/p"; }
docker create --name public -p "$(port public):8000" drydock-kiosk
docker create --name private -p "127.0.0.1:$(port private):8000" drydock-kiosk
docker start public private
