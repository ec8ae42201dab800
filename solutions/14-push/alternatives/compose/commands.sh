docker tag penguins:7.26.11 localhost:5001/penguins:7.26.11
docker tag penguins:7.26.11 localhost:5001/penguins:stable
cat >compose.yaml <<'END'
services:
  version:
    image: localhost:5001/penguins:7.26.11
    build: .
  stable:
    image: localhost:5001/penguins:stable
    build: .
END
docker compose push
docker rmi penguins:7.26.11
docker compose down --rmi all
docker compose pull
docker compose up --no-build
