"""A variable for the program inside."""

from grader import Drill

drill = Drill(
    title="A variable",
    place=4,
    task="""Start a container called `{app}` from busybox with `sleep 600`, in the background.
In its environment, `MODEL` must be `{word}`.""",
    draws={"app": "name", "word": "word"},
)


@drill.check
def it_has_the_variable(lab):
    """{app} is running, and its MODEL is {word}."""
    lab.container("app").expect_running().expect_env("MODEL", "word")


drill.answer("docker run -d --name {app} -e MODEL={word} busybox sleep 600")
drill.answer("export MODEL={word}", "docker run -d --name {app} -e MODEL busybox sleep 600")
drill.mistake(
    "put the option behind the image",
    "docker run -d --name {app} busybox -e MODEL={word} sleep 600",
    says='The container {app} is not running: it could not be started, "-e": executable file not found in $PATH.',
)
drill.mistake(
    "set it in their own shell only",
    "MODEL={word} docker run -d --name {app} busybox sleep 600",
    says="The container {app} has no variable MODEL.",
)
