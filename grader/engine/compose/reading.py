"""Compose itself reads a learner's files, where it can see nothing else.

A compose file can name files of the machine that reads it, variables of its environment, and addresses. So the reading happens
in a container: it holds a copy of the submission's small files, an environment of its own, no network and no rights.
"""

import base64
import binascii
import io
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from docker.types import Mount

from grader.engine import containers, lost_output, wait
from grader.engine.client import translated
from grader.engine.sandbox.parts import ENGINE_IMAGE
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import Fault, LimitReached

ABOVE = "/srv/course/exercises"
"""Where the copy of the submission's folder lies in the container."""
HOME = "/home/you"
"""What ``~`` means there; no such folder."""
SECONDS = 30.0
FILE_BYTES = 64 * units.KB
"""Larger files are none that compose reads, and stay out."""
_ALL_BYTES, _ALL_FILES = 16 * units.MB, 4000
_MEMORY, _PIDS = 256 * units.MB, 256
_OUTPUT_BYTES = 4 * units.MB

# What was written, with every service and before variables are put in; and what `docker compose up` would make of it.
_WRITTEN = ("config", "--no-interpolate", "--no-normalize", "--format", "json")
_MEANT = ("config", "--format", "json")
_SCRIPT = """\
cd "$1" || exit
here="$1" home="$2" file="$3"
shift 3
read_it() {
    name="$1" how="$2"; shift 2
    env -i "$@" PATH="$PATH" HOME="$home" PWD="$here" \\
        docker compose ${file:+--file "$file"} $how >"/tmp/$name" 2>"/tmp/$name.err"
    echo $? >"/tmp/$name.code"
}
read_it written "WRITTEN" "$@" &
read_it meant "MEANT" "$@"
wait
for name in written meant; do
    cat "/tmp/$name.code"
    base64 "/tmp/$name" | tr -d '\\n'; echo
    base64 "/tmp/$name.err" | tr -d '\\n'; echo
done
""".replace("WRITTEN", " ".join(_WRITTEN)).replace("MEANT", " ".join(_MEANT))


@dataclass(frozen=True)
class Said:
    """How one reading by compose ended.

    Attributes:
        code: exit code.
        output: what it printed.
        complaints: what it printed to standard error.
    """

    code: int
    output: str
    complaints: str


@dataclass(frozen=True)
class Reading:
    """What compose says of a learner's files.

    Attributes:
        written: with every service, variables left as they are, and the names of env files.
        meant: what ``docker compose up`` would start.
        left_out: files of the submission that compose could not see: too large, too many, or not readable.
    """

    written: Said
    meant: Said
    left_out: frozenset[str]


def seen_as(folder: Path) -> str:
    """Where compose sees a submission's folder: by its own name, since compose names projects after it."""
    return f"{ABOVE}/{folder.name}"


def read(session: Session, folder: Path, file: str | None, variables: Mapping[str, str] | None = None) -> Reading:
    """Let compose read a submission.

    Args:
        session: the run.
        folder: the submission.
        file: a compose file in it; None for those that compose takes by itself.
        variables: of the environment that compose reads it in.

    Raises:
        LimitReached: it does not end, or grows too large while it is read.
        ImageUnavailable: the image that holds compose is neither here nor to be had.
        Fault: it ended without a word.
    """
    packed, left_out = _pack(folder)
    given = [f"{name}={value}" for name, value in (variables or {}).items()]
    spec = containers.Spec(
        image=ENGINE_IMAGE,
        entrypoint=["sh", "-c", _SCRIPT, "sh", seen_as(folder), HOME, file or "", *given],
        command=[],
        user="65534:65534",
        workdir="/",
        read_only=True,
        own_limits=(_MEMORY, _PIDS),
        extra_host_config={
            "mounts": [Mount(target=ABOVE, source=None, type="volume")],  # one without a name
            "tmpfs": {"/tmp": "size=32m,mode=1777"},  # noqa: S108 - the container's own
            "cap_drop": ["ALL"],
        },
    )
    for _ in range(lost_output.TRIES):
        with containers.ephemeral(session, spec) as identity:
            with translated():
                session.client.api.put_archive(identity, ABOVE, packed)
            containers.start(session, identity)
            try:
                state = containers.wait_for_end(session, identity, seconds=SECONDS)
            except wait.WaitTimeout:
                raise LimitReached(
                    "Compose did not finish reading your compose file.", expected=f"an end within {units.seconds(SECONDS)}"
                ) from None
            if state.oom_killed:
                raise LimitReached(
                    "Your compose file needs too much memory when compose reads it.",
                    expected=f"a file that compose reads with {units.size(_MEMORY)} of memory",
                    found="it took more, and was stopped",
                )
            said = containers.logs(session, identity, stderr=False, tail=None)
        if said:
            return _parsed(said, left_out)
        lost_output.note(session, "the reading of a compose file")
    raise Fault("The container in which compose reads a compose file ended without a word.")


def _parsed(said: str, left_out: frozenset[str]) -> Reading:
    lines = said.splitlines()
    try:
        texts = [base64.b64decode(line, validate=True).decode("utf-8", "replace") for line in lines[1:3] + lines[4:6]]
        written, meant = (Said(int(lines[3 * n]), *texts[2 * n : 2 * n + 2]) for n in (0, 1))
    except (IndexError, ValueError, TypeError, binascii.Error):
        raise _too_large() from None
    if len(written.output) + len(meant.output) > 2 * _OUTPUT_BYTES:
        raise _too_large()
    return Reading(written, meant, left_out)


def _too_large() -> LimitReached:
    return LimitReached(
        "Your compose file grows too large when compose reads it.",
        expected=f"at most {units.size(_OUTPUT_BYTES)}",
        found="more",
        advice="Anchors that hold anchors multiply what they hold.",
    )


def _pack(folder: Path) -> tuple[bytes, frozenset[str]]:
    """The submission's folders, links and small files as an archive, those at its top first; and what was left out."""
    buffer, left_out, n_bytes = io.BytesIO(), set(), 0
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number, (name, path) in enumerate(_walk(folder)):
            about = path.lstat()
            entry = tarfile.TarInfo(folder.name if name == "." else f"{folder.name}/{name}")
            if stat.S_ISREG(about.st_mode):
                entry.mode = 0o644
                data = _content(path) if n_bytes <= _ALL_BYTES and number <= _ALL_FILES else None
                if data is None:
                    left_out.add(name)
                    continue
                entry.size = len(data)
                n_bytes += len(data)
                archive.addfile(entry, io.BytesIO(data))
            elif stat.S_ISDIR(about.st_mode):
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
            elif stat.S_ISLNK(about.st_mode):
                entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
                archive.addfile(entry)
    return buffer.getvalue(), frozenset(left_out)


def _content(path: Path) -> bytes | None:
    """A small file's content; None for a large one, and for one that cannot be read."""
    with suppress(OSError), path.open("rb") as file:
        data = file.read(FILE_BYTES + 1)
        return data if len(data) <= FILE_BYTES else None
    return None


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Everything in a folder by its name in it, level by level; no link is followed."""
    level = [folder]
    while level:
        below: list[Path] = []
        for path in level:
            yield os.path.relpath(path, folder), path
            if path.is_dir() and not path.is_symlink():
                with suppress(PermissionError), os.scandir(path) as found:
                    below += sorted(Path(one.path) for one in found)
        level = below
