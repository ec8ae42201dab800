docker rm -f penguins notebook
cat >compose.yaml <<'END'
services:
  penguins:
    image: drydock-penguins
    container_name: penguins
  notebook:
    image: busybox
    container_name: notebook
    command: sleep 3600
END
docker compose up -d
