"""One Dockerfile, two images."""

from grader import Drill

drill = Drill(
    title="One of three",
    place=3,
    task="""The Dockerfile in `{folder}` has three stages. Leave it as it is.
Build its last stage as `{app}:1.0`, and its stage `{stage}` as `{app}:{stage}`.""",
    draws={"app": "name", "word": "word", "stage": ("test", "debug", "training")},
    files={
        "Dockerfile": "FROM busybox AS packages\nRUN echo {word} > /packages\n\nFROM packages AS {stage}\nENV STAGE={stage}\n\n"
        "FROM packages AS service\nENV STAGE=service\n"
    },
)


@drill.check
def the_last_one(lab):
    """{app}:1.0 is the last stage."""
    lab.image("{app}:1.0").expect_env("STAGE", "service")


@drill.check
def the_one_between(lab):
    """{app}:{stage} is the stage {stage}, and has the same layers."""
    lab.image("{app}:{stage}").expect_env("STAGE", "stage").expect_differs_in(0, other="{app}:1.0")


drill.answer("cd {folder}", "docker build -t {app}:1.0 .", "docker build -t {app}:{stage} --target {stage} .")
drill.answer(
    "docker buildx build --load -t {app}:{stage} --target={stage} {folder}",
    "docker buildx build --load -t {app}:1.0 --target=service {folder}",
)
drill.mistake(
    "named no stage",
    "cd {folder}",
    "docker build -t {app}:1.0 . && docker build -t {app}:{stage} .",
    says="In the image {app}:{stage}, STAGE is “service”; it should be “{stage}”.",
)
drill.mistake(
    "took the first of them",
    "cd {folder}",
    "docker build -t {app}:1.0 . && docker build --target packages -t {app}:{stage} .",
    says="In the image {app}:{stage}, STAGE is not set; it should be “{stage}”.",
)
drill.mistake(
    "named the stage for both",
    "cd {folder}",
    "for tag in 1.0 {stage}; do docker build -q --target {stage} -t {app}:$tag .; done",
    says="In the image {app}:1.0, STAGE is “{stage}”; it should be “service”.",
)
