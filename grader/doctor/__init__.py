"""What is wrong with this machine, as far as grading goes, and how to fix it.

Each examination looks at one thing and gives diagnoses; one that goes wrong itself is a diagnosis too, never an end of
the others. Nothing is changed on the engine except that leftovers of killed runs are removed, as every run does first.
"""

import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from grader import settings
from grader.doctor.diagnosis import Diagnosis, State
from grader.doctor.surroundings import client_settings, files, variables
from grader.engine import dive, hadolint, programs
from grader.engine.build.confine import BuildGroup
from grader.engine.client import connect
from grader.engine.endpoint import find
from grader.engine.session import Session
from grader.progress import Progress
from grader.values.errors import EngineUnavailable, Fault, GraderError
from grader.values.units import GB, size

__all__ = ["Diagnosis", "State", "examine"]

STAND_IN: Final = "org.drydock.stand-in"
DISK_BAD: Final = 2 * GB
DISK_WARN: Final = 10 * GB
CLOCK_SECONDS: Final = 60
REGISTRY_SECONDS: Final = 10
_ENGINE_HELP: Final = "Start one: `make engine` in Drydock's folder, or Docker Desktop."


def examine(course: Path | None, work: Path) -> list[Diagnosis]:
    """Look at everything.

    Args:
        course: the course's folder, for the list of base images; None where there is none.
        work: the learner's work folder; need not exist.
    """
    found = [
        *_guard("grader", grader),
        *_guard("docker command", plugins),
        *_guard("tools", tools),
        *_guard("work folder", lambda: folder(work)),
        *_guard("files", lambda: files(work)),
        *_guard("variables", variables),
        *_guard("docker client", client_settings),
        *_guard("progress", lambda: progress(work)),
    ]
    try:
        client = connect()
    except EngineUnavailable as error:
        return [*found, Diagnosis("engine", State.BAD, error.message, error.next_step or _ENGINE_HELP)]
    except GraderError as error:
        return [*found, Diagnosis("engine", State.BAD, str(error), _ENGINE_HELP)]
    try:
        info: dict[str, Any] = client.info()
        for name, look in _examinations(client, info, course):
            found += _guard(name, look)
    except (DockerException, requests.exceptions.RequestException) as error:
        found.append(Diagnosis("engine", State.BAD, f"The engine stopped answering: {error}.", _ENGINE_HELP))
    finally:
        client.close()
    return found


def _examinations(
    client: docker.DockerClient, info: dict[str, Any], course: Path | None
) -> Iterator[tuple[str, Callable[[], Iterator[Diagnosis]]]]:
    yield "engine", lambda: engine(client, info)
    yield "disk", lambda: disk(client, info)
    yield "base images", lambda: images(client, course, mirrors=bool((info.get("RegistryConfig") or {}).get("Mirrors")))
    yield "registry", lambda: registry(info, course)
    yield "limits", lambda: limits(info)
    yield "clock", lambda: clock(info, datetime.now(UTC))


def _guard(name: str, look: Callable[[], Iterator[Diagnosis]]) -> list[Diagnosis]:
    found: list[Diagnosis] = []
    try:
        found.extend(look())
    except Exception as error:  # noqa: BLE001 - a doctor who falls ill says so and goes on to the next thing
        found.append(Diagnosis(name, State.WARN, f"Could not be examined: {type(error).__name__}: {error}"))
    return found


def grader() -> Iterator[Diagnosis]:
    """Versions of the grader and of Python."""
    try:
        own = version("drydock-grader")
    except PackageNotFoundError:
        own = "(not installed)"
    yield Diagnosis(
        "grader", State.OK, f"Grader {own} on Python {platform.python_version()}, {platform.system()} {platform.machine()}."
    )


def plugins() -> Iterator[Diagnosis]:
    """The docker command line and its plugins."""
    path = shutil.which("docker")
    if path is None:
        yield Diagnosis("docker command", State.BAD, "There is no docker command on PATH.", "`make engine` installs it.")
        return
    yield Diagnosis("docker command", State.OK, f"{path}, {programs.said('docker', '--version') or 'version unknown'}.")
    for name, arguments, why in (
        ("buildx", ("docker", "buildx", "version"), "images cannot be built"),
        ("compose", ("docker", "compose", "version", "--short"), "exercises with several services cannot be graded"),
    ):
        said = programs.said(*arguments)
        number = re.search(r"\d+(\.\d+)+", said or "")
        if number is None:
            fix = f"Install the docker {name} plugin; on Debian or Ubuntu `make engine` does it."
            yield Diagnosis(name, State.BAD, f"`docker {name}` does not work: {why}.", fix)
        elif name == "compose" and number[0].startswith("1."):
            yield Diagnosis(name, State.BAD, f"compose is {number[0]}; version 2 or newer is needed.", "Update it.")
        else:
            yield Diagnosis(name, State.OK, f"{name} {number[0]}.")


def tools() -> Iterator[Diagnosis]:
    """Programs that some exercises are graded with."""
    for program in (dive.PROGRAM, hadolint.PROGRAM):
        path = program.find()
        if path is None:
            seen = f"There is no {program.name}: {program.needed_for} cannot be graded."
            yield Diagnosis(program.name, State.WARN, seen, program.install)
        else:
            yield Diagnosis(program.name, State.OK, f"{path}, {programs.said(path, '--version') or 'version unknown'}.")


def folder(work: Path) -> Iterator[Diagnosis]:
    """Whether the learner's work folder, or where it will be, can be written to."""
    there = next((one for one in (work, *work.parents) if one.exists()), work)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".drydock-doctor-"):
            pass
    except OSError as error:
        fix = "Make it writable for your user, or name another with --work or DRYDOCK_WORK."
        yield Diagnosis("work folder", State.BAD, f"{there} cannot be written to: {error.strerror}.", fix)
        return
    free = shutil.disk_usage(there).free
    state = State.OK if free > GB else State.WARN
    begin = "" if work.exists() else " (it does not exist yet; `grader reset` makes it)"
    yield Diagnosis(
        "work folder",
        state,
        f"{work}{begin}: writable, {size(free)} free.",
        "" if state is State.OK else "Make some room there.",
    )


def progress(work: Path) -> Iterator[Diagnosis]:
    """Whether the next attempt can be kept: found out by writing."""
    kept = Progress(work)
    if not kept.path.exists():
        yield Diagnosis("progress", State.OK, "Nothing is kept yet; the first attempt begins the file.")
        return
    try:
        kept.prove_writable()
    except Fault as fault:
        fix = (
            "Attempts are not kept like this. Make the file and its folder writable for your user, and see that there is room."
        )
        yield Diagnosis("progress", State.BAD, fault.message, fix)
        return
    if kept.notice:
        yield Diagnosis("progress", State.WARN, kept.notice, "Keep the damaged file: what it holds may be saved.")
    else:
        yield Diagnosis("progress", State.OK, "Attempts, hints and solutions are kept: the file can be written.")


def engine(client: docker.DockerClient, info: dict[str, Any]) -> Iterator[Diagnosis]:
    """Which engine answers, and what killed runs left on it."""
    seen = f"Version {info.get('ServerVersion')} at {find().address}, {info.get('OperatingSystem')}"
    seen += f", {info.get('NCPU')} processors, {size(info.get('MemTotal') or 0)} of memory."
    yield Diagnosis("engine", State.OK, seen)
    if info.get("OSType") != "linux":
        yield Diagnosis(
            "engine", State.BAD, "The engine runs Windows containers.", "Switch Docker Desktop to Linux containers."
        )
    with Session() as session:
        swept = session.swept
    others = client.api.containers(all=True, filters={"label": "drydock"})
    going_on = f" {len(others)} containers belong to runs that are going on." if others else ""
    removed = f"{len(swept)} things that a killed run had left were removed just now." if swept else "None."
    yield Diagnosis("leftovers", State.OK, removed + going_on)


def disk(client: docker.DockerClient, info: dict[str, Any]) -> Iterator[Diagnosis]:
    """Room where the engine keeps its data: asked of the file system itself, from inside if need be."""
    root = Path(str(info.get("DockerRootDir", "")))
    free = None
    if _same_machine(root, str(info.get("ID"))):
        free = shutil.disk_usage(root).free
    else:
        try:
            said = client.containers.run(
                "busybox", ["df", "-P", "-k", "/"], remove=True, network_mode="none", labels={"drydock": "doctor"}
            )
            free = int(said.decode().splitlines()[-1].split()[3]) * 1024
        except (DockerException, ValueError, IndexError):
            pass
    used = sum(int(one.get("Size") or 0) for one in client.api.images())
    if free is None:
        yield Diagnosis("disk", State.WARN, f"Room unknown; images use about {size(used)}.", "`docker system df` tells more.")
        return
    state = State.BAD if free < DISK_BAD else State.WARN if free < DISK_WARN else State.OK
    fix = (
        ""
        if state is State.OK
        else "`docker system df` shows what takes the room; `docker builder prune` frees the build cache."
    )
    yield Diagnosis("disk", state, f"{size(free)} free where the engine keeps its data.", fix)


def _same_machine(root: Path, engine_id: str) -> bool:
    try:
        return (root / "engine-id").read_text().strip() == engine_id
    except OSError:
        return False


def images(client: docker.DockerClient, course: Path | None, *, mirrors: bool = False) -> Iterator[Diagnosis]:
    """Which of the course's base images the engine has, and which of them are stand-ins; those that a mirror has can wait."""
    wanted = base_images(course)
    if not wanted:
        yield Diagnosis("base images", State.OK, "No list of them here: images/ is not part of this installation.")
        return
    missing: list[str] = []
    stand_ins: list[str] = []
    official: list[str] = []
    for name in wanted:
        try:
            labels = client.images.get(name).labels
        except ImageNotFound:
            missing.append(name)
        else:
            (stand_ins if STAND_IN in labels else official).append(name)
    seen = f"{len(official)} official, {len(stand_ins)} stand-ins{': ' + ', '.join(stand_ins) if stand_ins else ''}."
    if missing and mirrors:
        yield Diagnosis(
            "base images", State.OK, f"{len(wanted) - len(missing)} of {len(wanted)} are here, others when asked for; {seen}"
        )
    elif missing:
        fix = "`make engine` pulls them, or builds stand-ins where no registry can be reached."
        yield Diagnosis("base images", State.WARN, f"Missing: {', '.join(missing)}. {seen}", fix)
    else:
        yield Diagnosis("base images", State.OK, f"All {len(wanted)} are here; {seen}")


def base_images(course: Path | None) -> list[str]:
    """Return the names of the course's base images, from the recipes in ``images/``."""
    names = []
    for recipe in sorted((course / "images").glob("*/image.env")) if course else ():
        settings = dict(re.findall(r"^(IMAGE|TAGS)=\"?([^\"\n]*)\"?$", recipe.read_text(encoding="utf-8"), re.MULTILINE))
        if settings.get("IMAGE"):
            names.append(f"{settings['IMAGE']}:{(settings.get('TAGS') or 'latest').split()[0]}")
    return names


def registry(info: dict[str, Any], course: Path | None) -> Iterator[Diagnosis]:
    """Whether the engine can ask a registry: a question about one image, nothing is pulled."""
    mirrors = (info.get("RegistryConfig") or {}).get("Mirrors") or []
    by_way = f" by way of {', '.join(mirrors)}" if mirrors else ""
    where = find()
    client = docker.DockerClient(base_url=where.address, tls=where.tls or False, timeout=REGISTRY_SECONDS)
    try:
        client.api.inspect_distribution("busybox:latest")  # type: ignore[no-untyped-call]
    except (APIError, requests.exceptions.RequestException) as error:
        reason = "no answer in time" if isinstance(error, requests.exceptions.RequestException) else _short(error)
        complete = base_images(course) and "The base images here are enough for the course; for other images, "
        fix = f"{complete or ''}check the network, the proxy of the engine, or use Drydock's mirror (`make up` starts it)."
        yield Diagnosis("registry", State.WARN, f"The engine reaches no registry{by_way}: {reason}.", fix)
    else:
        yield Diagnosis("registry", State.OK, f"The engine reaches its registry{by_way}.")
    finally:
        client.close()


def _short(error: APIError) -> str:
    return " ".join(str(error.explanation or error).split()).rstrip(".")[:200]


def limits(info: dict[str, Any]) -> Iterator[Diagnosis]:
    """Whether limits on containers and on builds hold with this engine."""
    seen = f"cgroup v{info.get('CgroupVersion', '?')} by {info.get('CgroupDriver', '?')}"
    lacking = [word for word, key in (("memory", "MemoryLimit"), ("processes", "PidsLimit")) if not info.get(key)]
    if lacking:
        fix = "Enable the cgroup controllers of that name on the engine's machine."
        yield Diagnosis("limits", State.WARN, f"{seen}: no limit on {' and '.join(lacking)} of containers holds.", fix)
    else:
        yield Diagnosis("limits", State.OK, f"{seen}: limits on containers hold.")
    with Session() as session, BuildGroup(session) as group:
        if group.name:
            yield Diagnosis("build limits", State.OK, "Memory and processes of RUN steps are bounded.")
            return
    if bound := settings.engine_bounded():
        yield Diagnosis("build limits", State.OK, f"The engine as a whole, RUN steps included, may use {bound} of memory.")
        return
    yield Diagnosis(
        "build limits",
        State.WARN,
        "Memory and processes of RUN steps are bounded only by the engine's own limits.",
        "Grade others' work on an engine in a container with a memory limit, like the lab's.",
    )


def clock(info: dict[str, Any], now: datetime) -> Iterator[Diagnosis]:
    """Whether the engine and the grader agree on the time."""
    # The engine writes nanoseconds, which fromisoformat does not take.
    theirs = datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", str(info["SystemTime"])))
    apart = abs((now - theirs).total_seconds())
    if apart > CLOCK_SECONDS:
        seen = f"The engine's clock and this one's are {apart:.0f} s apart."
        yield Diagnosis("clock", State.WARN, seen, "Set both by NTP; a suspended virtual machine often needs a restart.")
    else:
        yield Diagnosis("clock", State.OK, "The engine's clock agrees with this one.")
