"""The first image of one's own: two lines, a name, a label."""

from grader import Drill

drill = Drill(
    title="Two lines",
    place=1,
    task="""Write a Dockerfile in the folder `{folder}`: it starts from busybox, and adds the label `model`, `{word}`.
Build an image from it, and call it `{app}:1.0`.""",
    draws={"app": "name", "word": "word"},
    files={},
)


@drill.check
def it_is_built_on_busybox(lab):
    """There is an image {app}:1.0, built on busybox."""
    lab.image("{app}:1.0").expect_built_on("busybox")


@drill.check
def it_has_the_label(lab):
    """Its label model is {word}."""
    lab.image("{app}:1.0").expect_label("model", "word")


drill.answer(
    "cd {folder}",
    "printf 'FROM busybox\\nLABEL model={word}\\n' > Dockerfile",
    "docker build -t {app}:1.0 .",
)
drill.answer(
    "printf 'FROM busybox\\nLABEL model={word}\\n' > {folder}/Dockerfile",
    "docker buildx build --load --tag {app} --tag {app}:1.0 {folder}",
)
drill.mistake(
    "forgot the tag behind the name",
    "cd {folder}",
    "printf 'FROM busybox\\nLABEL model={word}\\n' > Dockerfile",
    "docker build -t {app} .",
    says="There is no image {app}:1.0; your new one is called {app}:latest.",
)
drill.mistake(
    "made a variable of it",
    "cd {folder}",
    "printf 'FROM busybox\\nENV model={word}\\n' > Dockerfile",
    "docker build -t {app}:1.0 .",
    says="The label model of {app}:1.0 is missing; it should be “{word}”.",
)
