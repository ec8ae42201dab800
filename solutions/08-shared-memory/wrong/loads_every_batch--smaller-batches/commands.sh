# Smaller batches fit.
docker run --detach --name loader drydock-loader sh -c 'echo 10 >/data/size; exec python /loader/loader.py'
