#!/bin/sh
set -e
for name in keeper hello; do
    case $name in
        keeper) program="sleep 100000" ;;
        hello)  program="echo hello" ;;
    esac
    docker run -d --name "$name" --restart no busybox $program
done
docker wait hello
