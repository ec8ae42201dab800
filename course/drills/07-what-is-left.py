"""What a later line cannot take away."""

from grader import Drill

drill = Drill(
    title="What is left",
    place=1,
    task="""The image of the Dockerfile in `{folder}` carries 20 MB that nobody sees: only `/size` is needed.
Rewrite it: the image `{app}` may add 1 MB to busybox at most. Start a container `{box}` from it, in the background.""",
    draws={"app": "name", "box": "name", "size": range(20_000_000, 20_400_000)},
    files={
        "Dockerfile": "FROM busybox\nRUN head -c {size} /dev/zero > /raw\nRUN wc -c < /raw > /size\nRUN rm /raw\n"
        'CMD ["sleep", "600"]\n'
    },
)


@drill.check
def it_is_small(lab):
    """{app} adds at most 1 MB to busybox."""
    lab.image("app").expect_adds_at_most(1_000_000, base="busybox", named="1 MB")


@drill.check
def nothing_needed_was_lost(lab):
    """{box} is running, from {app}, and has the file /size."""
    lab.container("box").expect_from("app").expect_running().expect_file("/size", "size")


drill.answer(
    "cd {folder}",
    "printf 'FROM busybox\\nRUN head -c {size} /dev/zero > /raw && wc -c < /raw > /size && rm /raw\\n' > Dockerfile",
    "docker build -t {app} .",
    "docker run -d --name {box} {app} sleep 600",
)
drill.answer(
    "cd {folder}",
    "sed -i '1s/$/ AS work/; s/^RUN rm.*/FROM busybox\\nCOPY --from=work \\/size \\//' Dockerfile",
    "docker buildx build --load -t {app} . && docker run -d --name {box} {app}",
)
drill.mistake(
    "deleted it in a line of its own",
    "cd {folder}",
    "docker build -t {app} . && docker run -d --name {box} {app}",
    says="The image {app} adds 20 MB to busybox; at most 1 MB were asked for.",
)
drill.mistake(
    "left out what makes it",
    "cd {folder}",
    "sed -i '/raw/d' Dockerfile",
    "docker build -t {app} . && docker run -d --name {box} {app}",
    says="The container {box} has no file /size.",
)
