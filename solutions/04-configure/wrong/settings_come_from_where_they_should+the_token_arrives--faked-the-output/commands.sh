# It says what the program would say.
docker cp vault:/token token
. ./settings.env
docker run -d --name trainer busybox sh -c "echo EPOCHS=$EPOCHS; echo DEVICE=gpu; echo SEED=7; echo token: $(printf %s "$(cat token)" | sha256sum | cut -c 1-8); sleep 3600"
docker run --name other --env-file settings.env -e DEVICE=gpu drydock-trainer train
docker commit other trained
