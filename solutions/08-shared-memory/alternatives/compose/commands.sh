cat >compose.yaml <<'END'
services:
  loader:
    image: drydock-loader
    container_name: loader
    shm_size: 256mb
END
docker compose up --detach
