"""Names are known on a network of one's own only."""

from grader import Drill

drill = Drill(
    title="By name",
    place=1,
    task="""`{web}`, `{asker}` and `{other}` are running, all on the default bridge, where nobody knows a name.
Make a network `{net}`, on which `{asker}` and `{web}` find each other by name. `{other}` must not be on it.""",
    draws={"web": "name", "asker": "name", "other": "name", "net": "name"},
    begins_with=(
        "run --detach --name {web} busybox httpd -f -p 8000",
        "run --detach --name {asker} busybox sleep 3600",
        "run --detach --name {other} busybox sleep 3600",
    ),
)


@drill.check
def the_two_are_on_it(lab):
    """{web} and {asker} are on the network {net}, and nobody else is."""
    lab.network("net").expect_members("web", "asker")


@drill.check
def all_are_running(lab):
    """All three are running."""
    for one in ("web", "asker", "other"):
        lab.container(one).expect_running()


drill.answer("docker network create {net}", "docker network connect {net} {web}", "docker network connect {net} {asker}")
drill.answer(
    "docker network create --internal {net} && docker rm -f {web} {asker}",
    "docker run -d --name {web} --network {net} busybox httpd -f -p 8000",
    "docker run -d --name {asker} --network {net} busybox sleep 600",
)
drill.mistake(
    "connected one of them",
    "docker network create {net} && docker network connect {net} {web}",
    says="{asker} is not on the network {net}.",
)
drill.mistake(
    "connected all three",
    "docker network create {net} && for one in {web} {asker} {other}; do docker network connect {net} $one; done",
    says="{other} is on the network {net}, too.",
)
