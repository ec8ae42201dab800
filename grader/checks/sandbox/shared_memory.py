"""The shared memory of a container in the sandbox, as the engine's machine sees it: nothing of the container's is run."""

from collections.abc import Mapping
from typing import Self

from grader.checks.sandbox.script_run import ScriptRun
from grader.checks.sandbox.words import quoted
from grader.engine.inspect import ContainerInfo
from grader.values import units
from grader.values.errors import CheckFailed

PLACE = "/dev/shm"  # noqa: S108 - what Linux calls it
# The options of what is mounted there; then a line for each file in it. What is no mount may be a link that leads elsewhere.
_LOOK = r"""
mounted=$(awk -v place="$2" '$5 == place { options = $NF } END { print options }' "/proc/$1/mountinfo")
[ -n "$mounted" ] || exit 0
echo "$mounted"
cd "/proc/$1/root$2" && for one in *; do
    [ -f "$one" ] && [ ! -L "$one" ] && [ "$(stat -c %s "$one")" -le "$3" ] && echo "$(sha256sum <"$one")|$one"
done
true
"""
_LARGEST_FILE = units.GB
_SIZE = "size="
_SECONDS = 60.0
_KIB, _MIB = 1024, 1024 * 1024
_DOCKERS_OWN = 64 * _MIB


def why_it_ran_out(container: ContainerInfo, needed: int) -> str:
    """Why a program that has ended had too little shared memory; empty where that cannot be told.

    Args:
        container: where it ran.
        needed: bytes that it puts there.
    """
    if container.state.status == "created" or container.ipc_mode.startswith("container:"):
        return ""
    if container.state.oom_killed:
        return "The kernel ended a process at the container's limit of memory, and what is in shared memory counts."
    if container.ipc_mode == "none":
        return f"It was started without any shared memory: it has no {PLACE}."
    if container.shared_memory >= needed or any(one.target.rstrip("/") == PLACE for one in container.mounts):
        return ""
    if container.shared_memory < _MIB:
        return f"Its shared memory has room for {container.shared_memory} bytes: a number without a unit counts bytes."
    if container.shared_memory != _DOCKERS_OWN:
        return f"Its shared memory has room for {container.shared_memory // _MIB} MiB, and the program needs more."
    own = f"of that it has {_DOCKERS_OWN // _MIB} MiB, which is Docker's default"
    if elsewhere := [one.target for one in container.mounts if one.kind == "tmpfs"]:
        return f"The memory at {elsewhere[0]} is not shared memory, which is {PLACE}: {own}."
    if container.memory:
        return f"A memory limit does not make shared memory larger: {own}."
    return f"It ran out of shared memory: {own}."


class SandboxSharedMemory:
    """What is mounted at ``/dev/shm`` in a container that runs.

    Args:
        script: the commands that have started it.
        container: whose it is.

    Attributes:
        size: bytes that it may hold; None for no limit of its own, and where there is none.
        files: name → SHA-256 of what is in it, as hexadecimal digits.
    """

    size: int | None
    files: dict[str, str]

    def __init__(self, script: ScriptRun, container: ContainerInfo) -> None:
        self.script = script
        self.container = container
        self.size, self.files = None, {}
        said = script.engine.shell(_LOOK, str(container.state.pid), PLACE, str(_LARGEST_FILE), seconds=_SECONDS)
        options, *files = said.stdout.splitlines() or [""]
        self._is_there = bool(options)
        for option in options.split(","):
            if option.startswith(_SIZE):
                self.size = int(option.removeprefix(_SIZE).rstrip("k")) * _KIB  # the kernel counts it in these
        for line in files:
            digest, _, name = line.partition("|")
            self.files[name] = digest.split()[0]

    def expect_holds(self, wanted: Mapping[str, str], *, what: str) -> Self:
        """All these files are in it.

        Args:
            wanted: name → SHA-256 of its contents, as hexadecimal digits.
            what: how to speak of them, e.g. ``the batches``.
        """
        if right := [name for name in wanted if self.files.get(name) == wanted[name]]:
            found = f"{len(right)} of {len(wanted)}: {', '.join(right)}"
        elif self.files:
            found = f"other files in {PLACE}: {', '.join(sorted(self.files))}"
        else:
            found = f"nothing in {PLACE}" if self._is_there else f"no {PLACE} at all"
        if len(right) < len(wanted):
            raise self._failed(
                f"The container {self.container.name} does not hold {what} in shared memory.",
                expected=f"{what}, all {len(wanted)}, in {PLACE} of the container",
                found=f"{found}; its program: {quoted(self.container.command)}",
            )
        return self

    def expect_its_own(self) -> Self:
        """It is memory, and the container's own: not another container's, and no place on a disk."""
        kind, _, other = self.container.ipc_mode.partition(":")
        if kind == "container":
            about = self.script.container_info(other)
            raise self._failed(
                f"The container {self.container.name} uses the shared memory of another container.",
                expected="shared memory of its own",
                found=f"that of {about.name if about else other}: each of the two can change what the other one works on",
            )
        mount = next((one for one in self.container.mounts if one.target.rstrip("/") == PLACE), None)
        if mount is not None and mount.kind != "tmpfs":
            where = f"the volume {mount.name}" if mount.kind == "volume" else "a folder of yours"
            raise self._failed(
                f"At {PLACE}, the container {self.container.name} has a folder on disk, not memory: {where} is mounted there.",
                expected="shared memory: a file system in memory, which goes with the container",
                found=f"{where} at {PLACE}: what is written there goes to a disk, and stays",
            )
        return self

    def expect_at_most(self, size: int) -> Self:
        """It may not hold more.

        Args:
            size: bytes.
        """
        if self.size is None or self.size > size:
            held = "as much as the machine lets it" if self.size is None else f"{self.size / _MIB:.0f} MiB"
            raise self._failed(
                f"The shared memory of the container {self.container.name} may hold {held}.",
                expected=f"at most {size // _MIB} MiB, which Docker writes {size // _MIB}m",
                found=f"{PLACE} with {'no size of its own' if self.size is None else f'room for {held}'}",
                advice="A file system in memory without a size may fill half of the machine's memory."
                if self.size is None
                else "",
            )
        return self

    def _failed(self, message: str, *, expected: str, found: str, advice: str = "") -> CheckFailed:
        return self.script.failed(message, expected=expected, found=found, advice=advice, name=self.container.name)
