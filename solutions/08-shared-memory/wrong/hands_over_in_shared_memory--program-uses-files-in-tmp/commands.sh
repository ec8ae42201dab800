# The workers write to /tmp in place of shared memory.
docker run --detach --name loader drydock-loader sh -c '
    sed "s|place = SharedMemory(.*|Path(f\"/tmp/batch-{number}\").write_bytes(batch(number))|;
         s|    place.buf.*||; s|    place.close()||;
         s|SharedMemory(f\"batch-{number}\", track=False).buf|Path(f\"/tmp/batch-{number}\").read_bytes()|" /loader/loader.py >/tmp/loader.py
    exec python /tmp/loader.py'
