"""A build argument is gone when the image is done, unless it is handed on."""

from grader import Drill

drill = Drill(
    title="What stays of an argument",
    place=2,
    task="""The Dockerfile in `{folder}` has a build argument, RELEASE.
Build the image `{app}` with `--build-arg RELEASE={word}`. Its containers must have the value in their environment, as RELEASE.
One line is missing in the Dockerfile: add it.""",
    draws={"app": "name", "word": "word"},
    files={"Dockerfile": 'FROM busybox\nARG RELEASE=none\nRUN echo "This is release $RELEASE." > /release\n'},
)


@drill.check
def the_value_is_there(lab):
    """In the image {app}, RELEASE is {word}."""
    lab.image("app").expect_built_on("busybox").expect_env("RELEASE", "word")


drill.answer(
    "cd {folder}",
    "echo 'ENV RELEASE=${RELEASE}' >> Dockerfile",
    "docker build --build-arg RELEASE={word} -t {app} .",
)
drill.answer(
    "sed -i '2a ENV RELEASE=$RELEASE' {folder}/Dockerfile",
    "RELEASE={word} docker buildx build --load --build-arg RELEASE -t {app} {folder}",
)
drill.mistake(
    "added no line",
    "docker build --build-arg RELEASE={word} -t {app} {folder}",
    says="In the image {app}, RELEASE is not set; it should be “{word}”.",
)
drill.mistake(
    "added the line, and gave no value",
    "cd {folder}",
    "echo 'ENV RELEASE=$RELEASE' >> Dockerfile",
    "docker build -t {app} .",
    says="In the image {app}, RELEASE is “none”; it should be “{word}”.",
)
drill.mistake(
    "added it above the ARG",
    "cd {folder}",
    "sed -i '1a ENV RELEASE=$RELEASE' Dockerfile",
    "docker build --build-arg RELEASE={word} -t {app} .",
    says="In the image {app}, RELEASE is “”; it should be “{word}”.",
)
