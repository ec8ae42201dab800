"""A command inside of a container that runs."""

from grader import Drill

drill = Drill(
    title="A note inside",
    place=1,
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
    "made a new container in its place",
    "docker rm -f {box}",
    "docker run -d --name {box} busybox sh -c 'echo {word} > /note; sleep 3600'",
    says="The container {box} is a new one, and not the one that was there at the beginning.",
)
drill.mistake(
    "left the word outside of the quotes",
    "docker exec {box} sh -c 'echo > /note' {word}",
    says="In the container {box}, /note says nothing, and not “{word}”.",
)
