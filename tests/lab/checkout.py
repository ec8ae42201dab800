"""JupyterLab from this checkout, as a learner has it, but without the lab's containers: started in seconds."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import toys
from tests.lab.support import ROOT, free_port

TOKEN = "a-token-for-tests"
LEARNERS_COPY = ROOT / "images" / "lab" / "learners_copy.py"
ROLES = ROOT / "images" / "lab" / "roles"


@dataclass(frozen=True)
class JupyterLab:
    """A running JupyterLab and its work folder."""

    work: Path
    port: int
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """Its address, token and all."""
        return f"http://127.0.0.1:{self.port}/?token={TOKEN}"

    @property
    def token(self) -> str:
        """The token in that address."""
        return TOKEN

    def file(self, exercise: str, name: str) -> Path:
        """A learner's file."""
        return self.work / "exercises" / exercise / name

    def as_a_learner_gets_it(self, notebook: str) -> None:
        """Make a chapter what it is in the lab's image."""
        subprocess.run([sys.executable, LEARNERS_COPY, self.work / notebook], check=True)

    def grader(self, *words: str) -> str:
        """Run ``grader``, as a learner does in a terminal; return what it says."""
        command = [sys.executable, "-c", "from grader.cli import main; main()", *words]
        done = subprocess.run(
            command, env=self.environment, cwd=self.work, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        return done.stdout + done.stderr


@contextmanager
def jupyterlab(
    top: Path, *exercises: str, role: str = "learner", course: Path = ROOT, settings_of: Mapping[str, str] | None = None
) -> Iterator[JupyterLab]:
    """Start it, with the chapters and some exercises; the engine is the one that tests run on.

    Args:
        top: an empty folder; its ``work`` may be there.
        exercises: ids of those in the work folder.
        role: of whoever uses it, as in the lab.
        course: where the exercises' definitions are.
        settings_of: variables beside the usual ones.
    """
    work, port = top / "work", free_port()
    shutil.copytree(ROOT / "course", work / "course", ignore=shutil.ignore_patterns("work", "__pycache__"))
    for one in exercises:
        shutil.copytree(ROOT / "exercises" / one, work / "exercises" / one)
    (top / "settings").mkdir()
    shutil.copy(ROOT / "images" / "lab" / "overrides.json", top / "settings")
    # A copy: whoever builds the extension meanwhile does not take it away.
    shutil.copytree(ROOT / "grader" / "panel" / "labextensions", top / "labextensions")
    settings = {
        "--ServerApp.port": port,
        "--ServerApp.port_retries": 0,
        "--ServerApp.root_dir": work,
        "--IdentityProvider.token": TOKEN,
        "--ServerApp.jpserver_extensions": _extensions(role),
        "--ContentsManager.allow_hidden": True,
        "--FileContentsManager.delete_to_trash": False,
        "--LabApp.extra_labextensions_path": top / "labextensions",
        "--LabApp.app_settings_dir": top / "settings",
        "--LabApp.news_url": None,
    }
    jupyter = {f"JUPYTER_{kind}_DIR": str(top / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = {
        **toys.clean_environment(),
        **jupyter,
        "JUPYTER_CONFIG_PATH": str(ROLES / role),
        "DRYDOCK_COURSE": str(course),
        "DRYDOCK_WORK": str(work),
        "DRYDOCK_LEARNER": "learner",
        "DRYDOCK_RUNTIME": str(top / "runtime"),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **(settings_of or {}),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    with (top / "log").open("w") as log:
        # In the work folder, as in the lab: a terminal's folder is looked for below where the server runs, first.
        started = [*command, *(f"{name}={value}" for name, value in settings.items())]
        process = subprocess.Popen(started, env=environment, cwd=work, stdout=log, stderr=log)
        try:
            running = JupyterLab(work, port, environment)
            _wait(running, process, top / "log")
            yield running
        finally:
            process.terminate()
            process.wait(30)


def _extensions(role: str) -> dict[str, bool]:
    """The server's, as the lab's role says; the command line would take the place of that file."""
    said = json.loads((ROLES / role / "jupyter_server_config.d" / "nbgrader.json").read_text(encoding="utf-8"))
    return {"grader.panel": True, **said["ServerApp"]["jpserver_extensions"]}


def _wait(running: JupyterLab, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/api?token={TOKEN}", timeout=5):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
