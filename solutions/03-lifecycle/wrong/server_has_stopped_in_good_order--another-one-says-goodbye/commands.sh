# Another one says goodbye in its place.
docker start diary
docker rm --force server
docker run --name server busybox echo goodbye
docker rm --force draft relic
docker create --name spare busybox
