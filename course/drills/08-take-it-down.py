"""A network that is in use, and one who stays."""

from grader import Drill

drill = Drill(
    title="Take the network down",
    place=2,
    task="""`{api}` and `{db}` are on the network `{net}`. `{db}` is on the network `{next}` as well.
Remove the network `{net}`, and `{api}` with it. `{db}` must go on running all the time, on `{next}`.""",
    draws={"api": "name", "db": "name", "net": "name", "next": "name"},
    begins_with=(
        "network create {net}",
        "network create {next}",
        "run --detach --name {api} --network {net} busybox sleep 3600",
        "run --detach --name {db} --network {net} busybox sleep 3600",
        "network connect {next} {db}",
    ),
)


@drill.check
def the_network_is_gone(lab):
    """The network {net} and the container {api} are gone."""
    lab.expect_gone("container", "api")
    lab.expect_gone("network", "net")


@drill.check
def the_database_goes_on(lab):
    """{db} is still running, on {next}."""
    lab.container("db").expect_not_new().expect_running().expect_on("next")


drill.answer("docker network disconnect {net} {db}", "docker rm -f {api}", "docker network rm {net}")
drill.answer("docker stop -t 0 {api}; docker rm {api}; docker network disconnect {net} {db}; docker network rm {net}")
drill.mistake(
    "left the database plugged in",
    "docker rm -f {api}; docker network rm {net}",
    says="The network {net} is still there; {db} is on it.",
)
drill.mistake(
    "removed both containers",
    "docker rm -f {api} {db}; docker network rm {net}",
    says="The container {db} is gone: its program ended with exit code 137 (killed by SIGKILL), and it was removed.",
)
drill.mistake(
    "stopped the one instead of removing it",
    "docker stop -t 0 {api}; docker network disconnect {net} {db}; docker network rm {net}",
    says="The container {api} is still there: its program “sleep 3600” has ended with exit code 137 (killed by SIGKILL).",
)
