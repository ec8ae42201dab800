"""What is fixed, and what stands after the image's name."""

from grader import Drill

drill = Drill(
    title="Hello, you",
    place=3,
    task="""In `{folder}`, write the Dockerfile of an image `{app}`, from busybox, that greets with `echo`.
`docker run --name {one} {app}` must print `Hello, penguin`.
`docker run --name {two} {app} {word}` must print `Hello, {word}`. Run both, and leave the two containers there.""",
    draws={"app": "name", "one": "name", "two": "name", "word": "word"},
    files={},
)


@drill.check
def nobody_named(lab):
    """{one} had no argument, and wrote “Hello, penguin”."""
    lab.container("one").expect_exited(0).expect_arguments().expect_log("Hello, penguin")


@drill.check
def somebody_named(lab):
    """{two} had the argument {word}, and wrote “Hello, {word}”."""
    lab.container("two").expect_exited(0).expect_arguments("word").expect_log("Hello, {word}")


drill.answer(
    "cd {folder}",
    """printf 'FROM busybox\\nENTRYPOINT ["echo", "Hello,"]\\nCMD ["penguin"]\\n' > Dockerfile""",
    "docker build -t {app} .",
    "docker run --name {one} {app}",
    "docker run --name {two} {app} {word}",
)
drill.answer(
    "cd {folder}",
    """printf 'FROM busybox\\nENTRYPOINT ["sh", "-c", "echo Hello, ${1:-penguin}", "sh"]\\n' > Dockerfile""",
    "docker build -t {app} . && docker run -d --name {one} {app} && docker run --name {two} {app} {word}",
)
drill.mistake(
    "put all of it into CMD",
    "cd {folder}",
    """printf 'FROM busybox\\nCMD ["echo", "Hello,", "penguin"]\\n' > Dockerfile""",
    "docker build -t {app} . && docker run --name {one} {app}; docker run --name {two} {app} {word}",
    says='The container {two} has not ended: it could not be started, "{word}": executable file not found in $PATH.',
)
drill.mistake(
    "wrote ENTRYPOINT without brackets",
    "cd {folder}",
    """printf 'FROM busybox\\nENTRYPOINT echo Hello,\\nCMD ["penguin"]\\n' > Dockerfile""",
    "docker build -t {app} . && docker run --name {one} {app}; docker run --name {two} {app} {word}",
    says="The container {one} has not written “Hello, penguin”.",
)
drill.mistake(
    "gave the first one a name, too",
    "cd {folder}",
    """printf 'FROM busybox\\nENTRYPOINT ["echo", "Hello,"]\\n' > Dockerfile""",
    "docker build -t {app} . && docker run --name {one} {app} penguin; docker run --name {two} {app} {word}",
    says="The container {one} was started with “penguin” after the image's name, not with nothing.",
)
