"""The lab as a learner meets it: who may come in, whose engine it is, and what works in it without a network."""

import json
import shlex
from pathlib import Path

import pytest

from tests.lab.support import Lab, call, offline

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(600)]


def test_it_asks_for_its_token(lab: Lab) -> None:
    assert "/login" in lab.get("/lab").url
    assert lab.get("/api/contents").status == 403
    assert lab.get("/api/contents", token="guessed").status == 403
    assert len(lab.token) >= 32
    listed = json.loads(lab.get("/api/contents", token=lab.token).text)
    assert {"course", "exercises"} <= {one["name"] for one in listed["content"]}


def test_the_printed_address_leads_to_jupyterlab_with_the_home_page(lab: Lab) -> None:
    path = lab.url.removeprefix(f"http://127.0.0.1:{lab.port}")
    answer = lab.get(path)
    assert answer.url.partition("?")[0].endswith("/lab")
    assert '"drydock"' in answer.text.partition("federated_extensions")[2].partition("]")[0]


def test_the_panel_asks_for_the_token_too(lab: Lab) -> None:
    for path in ("", "exercise/05-first-dockerfile", "static/home.js", "api/exercise/05-first-dockerfile/events"):
        assert "/login" in lab.get(f"/drydock/{path}").url
    assert lab.get("/drydock/api/course").status == 403
    course = json.loads(lab.get("/drydock/api/course", token=lab.token).text)
    assert len(course["chapters"]) >= 8
    assert lab.get("/drydock/api/exercise/99-none", token=lab.token).status == 404


def test_vs_code_finds_its_tasks(lab: Lab) -> None:
    tasks = json.loads(lab.sh("cat .vscode/tasks.json"))["tasks"]
    assert all(one["command"] == "grader" for one in tasks)
    for one in tasks:
        lab.sh(f"grader {one['args'][0]} --help")
    assert "Dockerfile" in lab.sh("cd exercises/05-first-dockerfile && grader check 05-first-dockerfile --work $PWD || true")


def test_the_address_is_in_the_log_too(lab: Lab) -> None:
    """For those who start it with `docker compose up`."""
    assert f"http://127.0.0.1:{lab.port}/?token={lab.token}" in lab.compose("logs", "lab")


def test_only_this_machine_reaches_it(lab: Lab) -> None:
    published = lab.inspect("engine")["NetworkSettings"]["Ports"]
    open_ports = {port: bound for port, bound in published.items() if bound}
    assert open_ports == {"18888/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(lab.port)}]}


def test_a_foreign_name_for_this_address_gets_nothing(lab: Lab) -> None:
    assert lab.get("/api/contents", token=lab.token, host="rebound.example").status == 403


def test_the_learner_is_not_root(lab: Lab) -> None:
    assert lab.sh("id -un").strip() == "learner"
    assert lab.sh("id -u").strip() == lab.env["DRYDOCK_UID"] != "0"
    assert "Permission denied" in lab.sh("touch /opt/drydock/solutions/x || true")


def test_formgrader_is_for_instructors(lab: Lab) -> None:
    assert lab.get("/formgrader", token=lab.token).status == 404
    assert lab.get("/nbgrader_version", token=lab.token).status == 404 or "nbgrader" in lab.sh(
        "jupyter server extension list 2>&1"
    )


def test_nothing_in_the_page_asks_the_internet(lab: Lab) -> None:
    page = lab.get("/lab", token=lab.token).text
    config = json.loads(page.partition('id="jupyter-config-data" type="application/json">')[2].partition("</script>")[0])
    assert "@jupyter/nbgrader:formgrader" in str(config["disabledExtensions"])
    settings = json.loads(lab.get("/lab/api/settings/@jupyterlab/apputils-extension:notification", token=lab.token).text)
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert settings["schema"]["properties"]["checkForUpdates"]["default"] is False


def test_the_tools_of_the_course_are_there(lab: Lab) -> None:
    lab.sh(
        "docker buildx version && docker compose version && kubectl version --client && hadolint --version && dive --version"
    )
    lab.sh("git --version && curl --version && less --version && nano --version && vi --version && jq --version")


def test_it_has_an_engine_of_its_own(lab: Lab) -> None:
    ours = call("docker", "info", "--format", "{{.ID}}").strip()
    theirs = lab.sh("docker info --format '{{.ID}}'").strip()
    assert theirs
    assert theirs != ours


def test_all_that_learners_build_and_run_is_bounded(lab: Lab) -> None:
    limits = lab.inspect("engine")["HostConfig"]
    assert limits["Memory"] > 0
    assert limits["MemorySwap"] == limits["Memory"]
    assert limits["PidsLimit"] > 0
    assert limits["LogConfig"]["Config"]["max-size"] == "10m"
    assert lab.inspect("lab")["HostConfig"]["Memory"] > 0


def test_images_come_without_a_network(lab: Lab) -> None:
    with offline(lab):
        reached = lab.sh("curl -sS --max-time 5 http://192.0.2.1 2>&1 || true")
        assert "curl: (" in reached, reached
        lab.sh("docker pull python:3.13-slim && docker pull busybox")
        lab.sh("docker rmi python:3.13-slim && docker builder prune -af")
        lab.sh("printf 'FROM python:3.13-slim\\nRUN python -V\\n' | docker build -t lab-from -")
        assert "Python 3.13" in lab.sh("docker run --rm lab-from sh -c 'sleep 1; python -V'")  # a brief one may go unheard


def test_a_published_port_answers_on_localhost(lab: Lab) -> None:
    lab.sh("docker run -d --name web -p 8000:8000 busybox httpd -f -p 8000 -h /etc")
    try:
        assert "root:x:0" in lab.sh("curl -sS --retry 20 --retry-delay 1 --retry-all-errors localhost:8000/passwd")
        # and in the learner's browser, under another name than Jupyter's
        page = lab.get("/proxy/8000/passwd", token=lab.token)
        assert "root:x:0" in page.text
        assert page.url.startswith(f"http://localhost:{lab.port}/proxy/8000/passwd")
        assert "root:x:0" not in lab.get("/proxy/8000/passwd", host=f"localhost:{lab.port}").text
        for way in ("proxy/localhost:8000/passwd", "server-proxy/servers-info"):
            assert lab.get(f"/{way}", token=lab.token).status == 404
        assert lab.get("/api/terminals", token=lab.token).status == 200
    finally:
        lab.sh("docker rm -f web")


def test_containers_find_names_the_way_this_machine_does(lab: Lab) -> None:
    """Docker would give them 8.8.8.8 in place of a resolver on loopback; many networks block that."""
    script = ("busybox", "sh", "-c", "sleep 1; sed -n 's/^nameserver //p' /etc/resolv.conf")  # a brief one may go unheard
    here = call("docker", "run", "--rm", "--label", f"drydock={lab.project}", *script)
    assert lab.sh(f"docker pull -q busybox >/dev/null; docker run --rm {shlex.join(script)}") == here


@pytest.mark.parametrize("folder", ["~/work", "~", "/tmp"])
def test_a_mounted_folder_is_the_folder(lab: Lab, folder: str) -> None:
    seen = lab.sh(f"""
        cd {folder} && mkdir -p mounted && cd mounted && echo from-the-lab >note.txt
        docker run --rm -v "$PWD":/app busybox sh -c 'sleep 1; cat /app/note.txt && echo from-the-container >/app/reply.txt'
        cat reply.txt""")
    assert seen.splitlines()[-2:] == ["from-the-lab", "from-the-container"]


def test_the_work_is_on_this_machine(lab: Lab) -> None:
    lab.sh("echo hello >$HOME/work/from-the-lab.txt")
    note = lab.work / "from-the-lab.txt"
    assert note.read_text() == "hello\n"
    assert note.stat().st_uid == int(lab.env["DRYDOCK_UID"])


def test_a_learners_prune_is_their_own(lab: Lab) -> None:
    before = call("docker", "images", "--all", "--quiet", "--no-trunc", "drydock-lab")
    kept = call("docker", "image", "inspect", "--format", "{{.Id}}", "busybox", "python:3.13-slim", "docker:28-dind")
    lab.sh("docker run -d --name stray busybox sleep 1000; docker rm -f stray; docker system prune -af --volumes")
    assert lab.sh("docker images --quiet").split() == []
    assert call("docker", "images", "--all", "--quiet", "--no-trunc", "drydock-lab") == before
    assert call("docker", "image", "inspect", "--format", "{{.Id}}", "busybox", "python:3.13-slim", "docker:28-dind") == kept


def test_the_grader_works_there_even_after_a_prune(lab: Lab) -> None:
    exercise = "05-first-dockerfile"
    lab.sh("docker system prune -af --volumes")
    lab.sh(f"cp /opt/drydock/solutions/{exercise}/reference/* $HOME/work/exercises/{exercise}/")
    try:
        with offline(lab):
            told = lab.sh(f"grader check {exercise} --json 2>/dev/null", check=False, seconds=400)
        report = json.loads(told[told.index("{") :])
        assert report["score"] == report["max_score"] > 0, told
        assert lab.sh("docker ps --all --quiet --filter label=drydock").split() == []
    finally:
        lab.sh(f"cp /opt/drydock/exercises/{exercise}/Dockerfile $HOME/work/exercises/{exercise}/; docker system prune -af")


def test_the_doctor_finds_it_well(lab: Lab) -> None:
    assert "Ready to grade" in lab.sh("grader doctor")


def test_starting_again_changes_no_file_of_the_learners(lab: Lab) -> None:
    ours, fresh = lab.work / "exercises/05-first-dockerfile/Dockerfile", lab.work / "course/_show.py"
    lab.sh("echo '# mine' >$HOME/work/exercises/05-first-dockerfile/Dockerfile; rm $HOME/work/course/_show.py")
    try:
        prepare(lab)
        assert ours.read_text() == "# mine\n"
        assert fresh.is_file()  # what is missing comes back
    finally:
        lab.sh("cp /opt/drydock/exercises/05-first-dockerfile/Dockerfile $HOME/work/exercises/05-first-dockerfile/")


def test_what_a_container_left_as_roots_is_the_learners_after_a_start(lab: Lab) -> None:
    lab.sh('docker run --rm -v "$PWD":/app busybox touch /app/roots.txt')
    left = lab.work / "roots.txt"
    assert left.stat().st_uid == 0
    prepare(lab)
    assert left.stat().st_uid == int(lab.env["DRYDOCK_UID"])


def test_an_instructor_gets_the_master_copies(lab: Lab, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    prepare(lab, role="instructor", work=tmp_path)
    assert (tmp_path / "nbgrader_config.py").is_file()
    assert (tmp_path / "solutions/05-first-dockerfile/checks.py").is_file()


def test_a_role_that_is_none_is_refused(lab: Lab) -> None:
    with pytest.raises(AssertionError, match="it can be 'learner' or 'instructor'"):
        prepare(lab, role="boss")


def prepare(lab: Lab, *, role: str = "learner", work: Path | None = None) -> None:
    """Run what `docker compose up` runs before the lab."""
    home = f"{lab.project}_home:/home/learner" if work is None else f"{lab.project}_home:/home/learner:nocopy"
    call(
        "docker", "run", "--rm", "--user", "root", "--network", "none", "--label", f"drydock={lab.project}",
        "--env", f"DRYDOCK_ROLE={role}", "--volume", home, "--volume", f"{work or lab.work}:/home/learner/work",
        "drydock-lab", "/opt/drydock/lab/setup.sh",
    )  # fmt: skip


def test_nobody_listens_on_the_ports_that_the_course_uses(lab: Lab) -> None:
    listening = lab.sh("ss -Hltn | awk '{print $4}'").split()
    assert "127.0.0.1:15000" in listening
    ports = {int(one.rpartition(":")[2]) for one in listening}
    assert {port for port in ports if port < 32768} == {18888, 15000, 15001}  # above: kernels, at random


def test_compose_has_nothing_to_say_about_the_file(lab: Lab) -> None:
    assert lab.compose("config", "--quiet") == ""


ISOLATED = """
from pathlib import Path
from grader.course import base_images
from grader.engine.isolated.engine import IsolatedEngine, Size
from grader.engine.session import Session
from grader.values.limits import Limits

names = ("busybox:latest", "python:3.13-slim")
assert set(names) <= set(base_images.names(Path("/home/learner/work")))
with Session() as session:
    place = IsolatedEngine(session, names, Size.of(Limits())).place
    with session.within(place) as inner:
        print(*sorted(tag for one in inner.client.api.images() for tag in one["RepoTags"]))
"""


def test_a_lab_has_engines_of_their_own_for_strangers_work(lab: Lab) -> None:
    """Its own engine has none of the base images before somebody asks for one: they come from the mirror."""
    lab.sh("docker image rm --force busybox:latest >/dev/null 2>&1 || true")
    said = lab.sh(f"python - <<'END'\n{ISOLATED}END", seconds=300)
    assert said.split()[-2:] == ["busybox:latest", "python:3.13-slim"]
