"""Every path and every environment variable that the package knows, once; nothing else reads the environment.

Variables are read when they are asked for, not when this module is imported: a notebook or a test may set one later.
"""

import getpass
import os
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

# The course: folders of the repository, and files in the folder of an exercise.

SOLUTIONS: Final = "solutions"
"""The master copies, a folder for each exercise; nbgrader's source directory."""
EXERCISES: Final = "exercises"
"""What learners get; nbgrader's release directory, and the folder of that name in a learner's work folder."""
CHAPTERS: Final = "course"
"""The chapters' notebooks."""
DRILLS: Final = "drills"
"""Folder of the drills, a file for each, in that of the chapters; and, in a work folder, of what learners do for drills."""
DEFINITION: Final = "checks.py"
"""An exercise's definition, in its folder."""

# What is kept beside a learner's exercises.

STATE: Final = ".drydock"
"""Folder for all that is kept of a learner; below their work folder, never in an exercise's own."""
NEVER_THE_LEARNERS: Final = frozenset({".ipynb_checkpoints", "__pycache__", STATE})
"""Folders that no learner made: not watched, not sent, not put beside their commands."""


def state_folder(work: Path) -> Path:
    """The folder for what is kept of a learner."""
    return work / STATE


def work_around(exercise_folder: Path) -> Path:
    """The work folder that a learner's folder of an exercise belongs to.

    Never the exercise's folder itself: what is kept there would be sent to the engine with every build.
    """
    return exercise_folder.parent.parent if exercise_folder.parent.name == EXERCISES else exercise_folder.parent


def progress_file(work: Path) -> Path:
    """The database of attempts, hints and solutions that were read."""
    return state_folder(work) / "progress.sqlite"


def backups_folder(work: Path, exercise_id: str) -> Path:
    """Where a learner's files go before the starter is put back."""
    return state_folder(work) / "backups" / exercise_id


def drill_lock(work: Path, drill: str) -> Path:
    """Locked while a drill's beginning is made: two surfaces may ask for it at once."""
    return state_folder(work) / "runs" / f"drill-{drill}.lock"


def last_run_file(work: Path, exercise_id: str) -> Path:
    """What the panel shows of the last run after a restart of the server."""
    return state_folder(work) / "runs" / f"{exercise_id}.json"


def save_file(work: Path, exercise_id: str, *, by_the_clock: bool) -> Path:
    """Its time is when an exercise's files were last saved, by somebody or by the clock."""
    return state_folder(work) / "saves" / f"{exercise_id}.{'clock' if by_the_clock else 'saved'}"


def reference_size_file(work: Path, exercise_id: str) -> Path:
    """How large the image of the reference solution is, once it was measured."""
    return state_folder(work) / "runs" / f"{exercise_id}.reference.json"


def feedback_folder(work: Path) -> Path:
    """The feedback that a learner has fetched: in an exercise's own folder it would be copied into images."""
    return state_folder(work) / "feedback"


def handed_in_file(work: Path, exercise_id: str) -> Path:
    """When and how a learner last handed an exercise in."""
    return state_folder(work) / "handed-in" / f"{exercise_id}.json"


def intake_folder(course: Path) -> Path:
    """Where an instructor's uploads are looked at before they are taken in."""
    return state_folder(course) / "intake"


def known_names_file(course: Path) -> Path:
    """Which student is meant by the names that a course platform uses."""
    return state_folder(course) / "names.json"


def not_graded_file(course: Path, student: str, assignment: str) -> Path:
    """Why an instructor's autograde of a submission failed."""
    return state_folder(course) / "not-graded" / student / f"{assignment}.json"


# The environment.

BOUNDED: Final = "DRYDOCK_ENGINE_BOUNDED"
COURSE: Final = "DRYDOCK_COURSE"
WORK: Final = "DRYDOCK_WORK"
_LEARNER: Final = "DRYDOCK_LEARNER"
RELEASED: Final = "DRYDOCK_RELEASED"
RUN: Final = "DRYDOCK_RUN"
"""Every docker command of a run has the run's id in this variable: a killed grader leaves them running."""

# What the docker client needs to find its engine, its plugins and its passwords. The rest of what it reads is left out: it
# would change what is built and run (DOCKER_DEFAULT_PLATFORM, BUILDX_BUILDER, DOCKER_CONTENT_TRUST …).
_KEPT: Final = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_CLIENTS_OWN: Final = frozenset(
    {
        *(f"DOCKER_{name}" for name in ("API_VERSION", "AUTH_CONFIG", "CERT_PATH", "CONFIG", "CONTEXT", "CUSTOM_HEADERS")),
        *("DOCKER_HOST", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "BUILDX_CONFIG"),
        *("SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"),
        *_KEPT,
    }
)
LEFT_OUT: Final = ("BUILDX_BUILDER", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "DOCKER_CONTENT_TRUST", "DOCKER_DEFAULT_PLATFORM")
"""Variables that people set for the docker client, and that a check does without."""


def _given(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _folder(variable: str) -> Path | None:
    given = _given(variable)
    return Path(given).expanduser() if given else None


def course() -> Path | None:
    """The course's folder, where $DRYDOCK_COURSE names it."""
    return _folder(COURSE)


def installed_course() -> Path:
    """Where the course is when the package is used from a checkout; need not hold one."""
    return Path(__file__).resolve().parent.parent


def work() -> Path | None:
    """The learner's work folder, where $DRYDOCK_WORK names it."""
    return _folder(WORK)


def signed_up_file(work: Path) -> Path:
    """The name that a learner has given themselves."""
    return state_folder(work) / "learner"


def known_learner() -> str:
    """Who is learning here, where somebody has said it: $DRYDOCK_LEARNER, else the name of the sign-up; else empty."""
    if given := _given(_LEARNER):
        return given
    try:
        return signed_up_file(place).read_text(encoding="utf-8").strip() if (place := work()) else ""
    except (OSError, UnicodeDecodeError):
        return ""


def named_by_setting() -> bool:
    """Whether $DRYDOCK_LEARNER says who is learning here."""
    return bool(_given(_LEARNER))


def exchange() -> Path | None:
    """The folder that all labs of a course share, where $DRYDOCK_EXCHANGE names one."""
    return _folder("DRYDOCK_EXCHANGE")


def released() -> str:
    """The release directory of nbgrader: $DRYDOCK_RELEASED, else ``exercises``, which the repository holds."""
    return _given(RELEASED) or EXERCISES


def learner() -> str:
    """Who is learning here: see ``known_learner``, else the user's name on this machine."""
    if given := known_learner():
        return given
    try:
        return getpass.getuser()
    except OSError:  # a user id without a name
        return str(os.getuid())


def facts_key() -> str:
    """The instructor's secret that a learner's facts are made with; empty where none is set."""
    return os.environ.get("DRYDOCK_FACTS_KEY", "")


def graded_by_nbgrader() -> bool:
    """Whether nbgrader runs this notebook, to release, validate or grade it: then there is no learner before it."""
    return bool(_given("NBGRADER_EXECUTION"))


def for_grading() -> dict[str, str]:
    """The variables of a process that grades a submission for nbgrader."""
    return {"NBGRADER_EXECUTION": "autograde"}


def tells_progress() -> bool:
    """Whether a command of nbgrader's is to say on its standard output how far it is: $DRYDOCK_TELL."""
    return _given("DRYDOCK_TELL") not in {"", "0"}


def telling_progress() -> dict[str, str]:
    """The variables of a process that says so."""
    return {"DRYDOCK_TELL": "1"}


def grade_for(learner: str) -> None:
    """Say whose submission this process grades: ``learner()`` from now on."""
    os.environ[_LEARNER] = learner


def hosts_for_strangers() -> tuple[str, ...]:
    """What submissions of strangers may reach beside the usual registries and package indexes: $DRYDOCK_ALLOWED_HOSTS.

    Names with a comma between them, ``host`` or ``host:port``; with them the host of $PIP_INDEX_URL.
    """
    index = urlsplit(_given("PIP_INDEX_URL")).netloc.rpartition("@")[2]
    return tuple(one.strip() for one in (*_given("DRYDOCK_ALLOWED_HOSTS").split(","), index) if one.strip())


def pages_host() -> str:
    """The host name under which Jupyter serves what learners publish: $DRYDOCK_PAGES_HOST, else localhost; in lower case."""
    return (_given("DRYDOCK_PAGES_HOST") or "localhost").lower().rstrip(".")


def proxy_for(scheme: str, host: str) -> tuple[str, int] | None:
    """The proxy through which this machine reaches a host, where one is set: host and port.

    Args:
        scheme: ``http`` or ``https``.
        host: by name.
    """
    given = getproxies().get(scheme)
    if not given or proxy_bypass(host):
        return None
    url = urlsplit(given if "//" in given else f"//{given}")
    return (url.hostname, url.port or 80) if url.hostname else None


def runtime_folder() -> Path:
    """The folder for locks and temporary folders of this user's runs; made where it is missing."""
    folder = _folder("DRYDOCK_RUNTIME") or Path(tempfile.gettempdir()) / f"drydock-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def cache_folder() -> Path:
    """The folder for what can be made again; need not exist."""
    return (_folder("DRYDOCK_CACHE") or (_folder("XDG_CACHE_HOME") or Path.home() / ".cache") / "drydock").absolute()


def results_folder() -> Path:
    """The folder for results of earlier runs; need not exist."""
    return cache_folder() / "results"


def disks_folder() -> Path:
    """The folder that says which disks for isolated engines have been prepared; made where it is missing."""
    folder = cache_folder() / "disks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fresh() -> bool:
    """Whether $DRYDOCK_FRESH says that results of earlier runs do not count."""
    return _given("DRYDOCK_FRESH") not in {"", "0"}


def machine() -> str:
    """The name of this machine or lab, where $DRYDOCK_OWNER gives one."""
    return _given("DRYDOCK_OWNER")


def engine_bounded() -> str:
    """How much memory the engine's own container has, where $DRYDOCK_ENGINE_BOUNDED says that it has a bound."""
    return _given(BOUNDED)


def docker_host() -> str:
    """The engine's address, where $DOCKER_HOST gives one."""
    return os.environ.get("DOCKER_HOST", "")


def docker_context() -> str | None:
    """The docker client's context, where $DOCKER_CONTEXT names one."""
    return os.environ.get("DOCKER_CONTEXT") or None


def docker_tls() -> bool:
    """Whether the engine that $DOCKER_HOST names is asked with TLS."""
    return docker_tls_verify() or bool(os.environ.get("DOCKER_TLS"))


def docker_tls_verify() -> bool:
    """Whether that engine has to show a certificate that holds."""
    return bool(os.environ.get("DOCKER_TLS_VERIFY"))


def docker_certificates() -> Path | None:
    """The folder with the certificates for it, where $DOCKER_CERT_PATH names one."""
    return _folder("DOCKER_CERT_PATH")


def left_out() -> dict[str, str]:
    """Variables that are set for the docker client, and that a check does without."""
    return {name: _given(name) for name in LEFT_OUT if _given(name)}


def docker_client_folder() -> Path:
    """The folder with the docker client's own settings; need not exist."""
    return _folder("DOCKER_CONFIG") or Path.home() / ".docker"


def docker_environment() -> dict[str, str]:
    """The environment for docker commands: what the client reads, and nothing of the grader's."""
    return {name: value for name, value in os.environ.items() if name in _CLIENTS_OWN}


def docker_environment_of(address: str, client_folder: Path) -> dict[str, str]:
    """The environment for docker commands to an engine that is not the docker client's own.

    Args:
        address: of the engine.
        client_folder: with the client's settings.
    """
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    return {**kept, "DOCKER_HOST": address, "DOCKER_CONFIG": str(client_folder)}


def whole_environment() -> dict[str, str]:
    """All of it, for programs that are as much ours as this one."""
    return dict(os.environ)
