docker run --name hello busybox echo hello
