"""Made in one stage, shipped in another."""

from grader import Drill

drill = Drill(
    title="Two stages",
    place=2,
    task="""The Dockerfile in `{folder}` makes a page, `/site/index.html`, and its image has all of Debian in it.
Add a second stage: `{app}` is to be busybox, with the page in `/www` and nothing else there.
Start a container `{web}` from it, in the background, with `httpd -f -p 8000 -h /www`.""",
    draws={"app": "name", "web": "name", "word": "word"},
    files={
        "Dockerfile": "FROM debian:trixie-slim\nWORKDIR /site\nCOPY notes.txt ./\nRUN tr a-z A-Z < notes.txt > index.html\n",
        "notes.txt": "{word}\n",
    },
)


@drill.check
def nothing_of_debian(lab):
    """{app} is built on busybox, and has no layer of debian:trixie-slim."""
    lab.image("app").expect_built_on("busybox").expect_not_built_on("debian:trixie-slim")


@drill.check
def the_page_is_there(lab):
    """{web} is running, from {app}, with the page in /www, and without notes.txt."""
    web = lab.container("web").expect_from("app").expect_running()
    web.expect_file("/www/index.html", lab.drawn["word"].upper()).expect_no_file("/www/notes.txt")


drill.answer(
    "cd {folder}",
    "sed -i '1s/$/ AS page/' Dockerfile",
    "printf 'FROM busybox\\nCOPY --from=page /site/index.html /www/\\n' >> Dockerfile",
    "docker build -t {app} .",
    "docker run -d --name {web} {app} httpd -f -p 8000 -h /www",
)
drill.answer(
    "cd {folder}",
    "printf 'FROM busybox\\nCOPY --from=0 /site/index.html /www/index.html\\n' >> Dockerfile",
    """echo 'CMD ["httpd", "-f", "-p", "8000", "-h", "/www"]' >> Dockerfile""",
    "docker buildx build --load -t {app} . && docker run -d --name {web} {app}",
)
drill.mistake(
    "served it from where it was made",
    "cd {folder}",
    "docker build -t {app} . && docker run -d --name {web} {app} sleep 600",
    says="The image {app} is not built on busybox.",
)
drill.mistake(
    "brought the whole folder",
    "cd {folder}",
    "printf 'FROM busybox\\nCOPY --from=0 /site /www\\n' >> Dockerfile",
    "docker build -t {app} . && docker run -d --name {web} {app} httpd -f -p 8000 -h /www",
    says="In the container {web} there is /www/notes.txt.",
)
drill.mistake(
    "put the page somewhere else",
    "cd {folder}",
    "printf 'FROM busybox\\nWORKDIR /www\\nCOPY --from=0 /site/index.html /\\n' >> Dockerfile",
    "docker build -t {app} . && docker run -d --name {web} {app} httpd -f -p 8000 -h /www",
    says="The container {web} has no file /www/index.html.",
)
