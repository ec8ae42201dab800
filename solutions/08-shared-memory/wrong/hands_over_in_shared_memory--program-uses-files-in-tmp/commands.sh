# The workers write to /tmp in place of shared memory.
docker run --detach --name loader drydock-loader sh -c '
    sed -e "s|^    place = SharedMemory(.*|    Path(f\"/tmp/{number}\").write_bytes(batch(number))|" -e "/^    place\.[bc]/d" \
        -e "s|SharedMemory(f\"batch-{number}\", track=False)|Path(f\"/tmp/{number}\")|" -e "s|place\.buf for|place.read_bytes() for|" \
        /loader/loader.py >/tmp/loader.py
    exec python /tmp/loader.py'
