#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/8000
printf 'GET /health HTTP/1.0\r\n\r\n' >&3
read -r -t 3 _ status _ <&3
test "$status" = 200
