docker commit diary diary-image
docker rm diary
docker run -d --name diary -v /empty diary-image sh -c 'rm -f /page; sleep infinity'
docker stop server
docker rm -f draft relic
docker create --name spare busybox
