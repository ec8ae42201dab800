"""What an edit makes again."""

from grader import Drill

drill = Drill(
    title="One layer for an edit",
    place=1,
    task="""In `{folder}`, each edit of `serve.sh` installs the packages again. Change the Dockerfile, and build `{app}:1`.
Then add a line to `serve.sh`, and build `{app}:2`: only one of its layers may be new.""",
    draws={"app": "name", "word": "word"},
    files={
        "Dockerfile": 'FROM busybox\nWORKDIR /app\nCOPY . .\nRUN sh ./install.sh packages.txt\nCMD ["/app/serve.sh"]\n',
        "install.sh": "#!/bin/sh\nsleep 1\nmkdir /packages\nwhile read name; do date > /packages/$name; done < $1\n",
        "packages.txt": "{word}\nnumpy\npandas\n",
        "serve.sh": "#!/bin/sh\nexec sleep 600\n",
    },
)


@drill.check
def packages_are_there(lab):
    """{app}:1 is built on busybox, with a layer for the packages and one for serve.sh at least."""
    lab.image("{app}:1").expect_built_on("busybox").expect_layers_above("busybox", at_least=2)


@drill.check
def one_layer_differs(lab):
    """{app}:2 has all layers of {app}:1 but one."""
    lab.image("{app}:2").expect_built_on("busybox").expect_differs_in(1, other="{app}:1")


_ORDERED = (
    "printf 'FROM busybox\\nWORKDIR /app\\nCOPY install.sh packages.txt ./\\n"
    "RUN sh ./install.sh packages.txt\\nCOPY serve.sh ./\\n'"
)

drill.answer(
    "cd {folder}",
    f"{_ORDERED} > Dockerfile",
    "docker build -t {app}:1 .",
    "echo '# edited' >> serve.sh",
    "docker build -t {app}:2 .",
)
drill.answer(
    "cd {folder}",
    "printf 'FROM busybox\\nRUN --mount=source=install.sh,target=/i --mount=source=packages.txt,target=/p sh /i /p\\n"
    "COPY serve.sh /app/\\n' > Dockerfile",
    "docker buildx build --load -t {app}:1 . && echo '# {word}' >> serve.sh && docker buildx build --load -t {app}:2 .",
)
drill.mistake(
    "left the order as it was",
    "cd {folder}",
    "docker build -t {app}:1 . && echo '# edited' >> serve.sh && docker build -t {app}:2 .",
    says="The image {app}:2 has 2 layers that {app}:1 has not; there should be 1.",
)
drill.mistake(
    "forgot the edit",
    "cd {folder}",
    f"{_ORDERED} > Dockerfile",
    "docker build -t {app}:1 . && docker build -t {app}:2 .",
    says="The image {app}:2 has no layer that {app}:1 has not; there should be 1.",
)
