docker network create --subnet 10.99.0.0/24 lab
docker network create outside
docker rename penguins old && docker stop -t 1 old
docker run -d --network lab --network-alias server --name penguins drydock-penguins
docker network connect --alias me lab notebook
docker network connect outside notebook
docker network disconnect bridge notebook
docker network connect outside visitor
