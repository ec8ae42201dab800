"""Asking a program to end, and giving it the time."""

from grader import Drill

drill = Drill(
    title="Ask it to end",
    place=3,
    task="""The container `{server}` is running. Its program needs three seconds to save its work when it is asked to end.
End it so that it has the time: its exit code is 0 then. Do not remove it.""",
    draws={"server": "name"},
    begins_with=(
        "run --detach --name {server} busybox sh -c"
        " 'trap \"sleep 3; echo saved; exit 0\" TERM; while :; do sleep 1 & wait $!; done'",
    ),
)


@drill.check
def it_has_ended_well(lab):
    """{server} has ended with exit code 0."""
    lab.container("server").expect_not_new().expect_exited(0)


drill.answer("docker stop {server}")
drill.answer("docker kill --signal TERM {server}")
drill.mistake(
    "killed it",
    "docker kill {server}",
    says="The container {server} has ended with exit code 137 (killed by SIGKILL), and not with 0.",
)
drill.mistake(
    "gave it one second",
    "docker stop -t 1 {server}",
    says="The container {server} has ended with exit code 137 (killed by SIGKILL), and not with 0.",
)
