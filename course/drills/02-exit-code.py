"""A job that ends, and what is left of it."""

from grader import Drill

drill = Drill(
    title="A job that ends",
    place=2,
    task="""Run a container called `{job}` from busybox whose program ends with exit code {code}.
Leave the ended container where it is: the engine remembers its exit code.""",
    draws={"job": "name", "code": range(3, 100)},
)


@drill.check
def it_has_ended(lab):
    """The container {job} is there, and has ended with exit code {code}."""
    lab.container("job").expect_exited(int(lab.drawn["code"]))


drill.answer("docker run --name {job} busybox sh -c 'exit {code}'")
drill.mistake(
    "let Docker remove it",
    "docker run --rm --name {job} busybox sh -c 'exit {code}'",
    says="The container {job} is gone: its program ended with exit code {code}, and it was removed.",
)
drill.mistake(
    "forgot the shell that knows exit",
    "docker run --name {job} busybox exit {code}",
    says='The container {job} has not ended: it could not be started, "exit": executable file not found in $PATH.',
)
