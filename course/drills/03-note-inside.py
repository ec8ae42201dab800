"""A command inside of a container that runs."""

from grader import Drill

drill = Drill(
    title="A note inside",
    task="""The container `{box}` is running. Make a file `/note` in it that says `{word}`.
It must be this container, and it must go on running.""",
    draws={"box": "name", "word": "word"},
    begins_with=("run --detach --name {box} busybox sleep 3600",),
)


@drill.check
def the_note_is_there(lab):
    """The file /note in {box} says {word}."""
    lab.container("box").expect_not_new().expect_file("/note", "word")


@drill.check
def it_still_runs(lab):
    """{box} is still running."""
    lab.container("box").expect_running()


drill.answer("docker exec {box} sh -c 'echo {word} > /note'")
drill.answer("docker exec -it {box} sh", "echo {word} > /note", "exit")
drill.mistake(
    "made a new container of the same image",
    "docker run --rm busybox sh -c 'echo {word} > /note'",
    says="The container {box} has no file /note.",
)
drill.mistake(
    "let their own shell have the redirection",
    "docker exec {box} sh -c 'echo > /note' {word}",
    says="In the container {box}, /note says nothing, and not “{word}”.",
)
