"""A health check that tells the two apart."""

from grader import Drill

drill = Drill(
    title="Healthy and unhealthy",
    place=3,
    task="""Start two containers from `{app}`, in the background: `{good}`, and `{bad}` with `-e BROKEN=1`.
Both get the same health check, each second. It asks `http://127.0.0.1:8000/health`, to which `{bad}` answers with an error.
`{good}` must become healthy, and `{bad}` unhealthy. The image has wget, and no curl.""",
    draws={"app": "name", "good": "name", "bad": "name"},
)


@drill.setup
def a_service(setup):
    """There is an image that serves /health, or an error."""
    program = '#!/bin/sh\nmkdir /www\n[ "$BROKEN" ] || echo ok > /www/health\nexec httpd -f -p 8000 -h /www\n'
    setup.image(setup.drawn["app"], {"serve": program}, 'CMD ["/serve"]')


@drill.check
def one_is_healthy(lab):
    """{good} is running, from {app}, and healthy."""
    lab.container("good").expect_from("app").expect_running().expect_healthy()


@drill.check
def the_other_is_not(lab):
    """{bad} is running, from {app}, and unhealthy."""
    lab.container("bad").expect_from("app").expect_running().expect_unhealthy()


@drill.check
def the_check_is_the_same(lab):
    """Both have the same health check."""
    lab.container("bad").expect_same_check("good")


drill.answer(
    "docker run -d --name {good} --health-interval 1s --health-cmd 'wget -qO- http://127.0.0.1:8000/health || exit 1' {app}",
    "docker run -d --name {bad} -e BROKEN=1 --health-interval 1s"
    " --health-cmd 'wget -qO- http://127.0.0.1:8000/health || exit 1' {app}",
)
drill.answer(
    'printf \'FROM {app}\\nHEALTHCHECK --interval=1s --retries=1 CMD ["wget", "-qO-", "http://127.0.0.1:8000/health"]\\n\''
    " | docker build -t {app} -",
    "docker run -d --name {good} {app} && docker run -d --name {bad} -e BROKEN=1 {app}",
)
drill.mistake(
    "took curl",
    "for one in {good} {bad}; do docker run -d --name $one -e BROKEN=$(test $one = {bad} && echo 1) --health-interval 1s"
    " --health-cmd 'curl -f http://127.0.0.1:8000/health' {app}; done",
    says="The container {good} is unhealthy, and not healthy: its check says “/bin/sh: curl: not found”.",
)
drill.mistake(
    "asked the process and not the service",
    "docker run -d --name {good} --health-interval 1s --health-cmd 'ps | grep -q [h]ttpd' {app}",
    "docker run -d --name {bad} -e BROKEN=1 --health-interval 1s --health-cmd 'ps | grep -q [h]ttpd' {app}",
    says="The container {bad} is healthy, and not unhealthy.",
)
drill.mistake(
    "gave it no check",
    "docker run -d --name {good} {app} && docker run -d --name {bad} -e BROKEN=1 {app}",
    says="The container {good} has no health check.",
)
