"""Removing what runs, what has ended, and nothing else."""

from grader import Drill

drill = Drill(
    title="Clean up",
    place=4,
    task="""Three containers are there: `{old}` has ended, `{busy}` and `{keep}` are running.
Remove `{old}` and `{busy}`. `{keep}` must go on running.""",
    draws={"old": "name", "busy": "name", "keep": "name"},
    begins_with=(
        "run --detach --name {old} busybox true",
        "run --detach --name {busy} busybox sleep 3600",
        "run --detach --name {keep} busybox sleep 3600",
    ),
)


@drill.check
def two_are_gone(lab):
    """{old} and {busy} are gone."""
    lab.expect_gone("container", "old", "busy")


@drill.check
def one_stays(lab):
    """{keep} is still running."""
    lab.container("keep").expect_not_new().expect_running()


drill.answer("docker rm -f {old} {busy}")
drill.answer("docker stop -t 0 {busy}", "docker rm {busy} {old}")
drill.mistake(
    "did not insist",
    "docker rm {old} {busy}",
    says="The container {busy} is still there: it is running.",
)
drill.mistake(
    "stopped it, and took that for removed",
    "docker rm {old}",
    "docker stop -t 0 {busy}",
    says="The container {busy} is still there: its program “sleep 3600” has ended with exit code 137 (killed by SIGKILL).",
)
drill.mistake(
    "removed the third as well",
    "docker rm -f {old} {busy} {keep}",
    says="The container {keep} is gone: its program ended with exit code 137 (killed by SIGKILL), and it was removed.",
)
