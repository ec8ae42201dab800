"""What a learner's commands left behind in the sandbox: containers, volumes, images and networks."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from grader.checks.exec_result import ExecResult, tail
from grader.checks.sandbox.script_run import ScriptRun
from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine import lost_output, wait
from grader.values import units
from grader.values.errors import Cancelled, CheckFailed
from grader.values.outcome import Evidence

_END_SECONDS = 5.0
_TIME = re.compile(r"(\.\d{6})\d+")
_ADDRESS = re.compile(r"^Address(?: \d+)?:\s*([0-9a-fA-F.:]+)$", re.MULTILINE)
_DNS = "127.0.0.11"

# What is at each path: kind, permissions, owner, group, size | target of a link or digest of a file | path.
_TREE = r"""
cd /tree && find . -mindepth 1 | while IFS= read -r path; do
    if [ -L "$path" ]; then more="$(readlink "$path")"; elif [ -f "$path" ]; then more="$(sha256sum <"$path")"; else more=; fi
    echo "$(stat -c '%F|%a|%u|%g|%s' "$path")|${more%  -}|${path#./}"
done
"""
_COLUMNS = 6
_KILLED = 137
_SHOWN_CHARACTERS = 50
_REASON = "exec: "
"""What follows is why a program could not be started; what comes before is how the engine's parts told each other."""


def _age(begun: str, now: str) -> float:
    """Seconds between two times as the engine writes them; both are its own clock's."""
    first, last = (datetime.fromisoformat(_TIME.sub(r"\1", one.strip())) for one in (begun, now))
    return (last - first).total_seconds()


class SandboxResource:
    """A container, image, network or volume in the sandbox: what ``docker inspect`` says of it.

    Args:
        stage: the play that left it there.
        about: the inspection.
        name: what the exercise calls it.
    """

    def __init__(self, stage: ScriptRun, about: Mapping[str, Any], name: str) -> None:
        self.stage = stage
        self.about = about
        self.name = name

    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return self.about.get("Labels") or (self.about.get("Config") or {}).get("Labels") or {}


class SandboxContainer(SandboxResource):
    """A container that the learner's commands left behind."""

    @property
    def state(self) -> str:
        """``created``, ``running``, ``paused``, ``restarting``, ``exited`` or ``dead``."""
        return str(self.about["State"]["Status"])

    def logs(self) -> str:
        """What it wrote."""
        said = self.stage.docker("logs", "--tail", "200", self.name)
        return said.stdout + said.stderr

    def _log(self) -> Evidence:
        return Evidence(f"log of {self.name}", tail(self.logs()))

    def _again(self) -> None:
        self.about = self.stage.must("container", self.name, self.stage.containers)

    def program(self) -> str:
        """What runs in it, as it would be typed."""
        words = " ".join([str(self.about["Path"]), *map(str, self.about["Args"])])
        return f"“{words if len(words) <= _SHOWN_CHARACTERS else words[:_SHOWN_CHARACTERS] + '…'}”"

    def how_it_is(self) -> str:
        """Its state, in words."""
        state = self.about["State"]
        if self.state == "exited":
            age = units.seconds(max(_age(state["StartedAt"], state["FinishedAt"]), 0.1))
            return (
                f"its program {self.program()} ended with {exit_code_in_words(int(state['ExitCode']))}, {age} after its start"
            )
        if self.state == "created" and (error := str(state.get("Error") or "")):
            reason = error[max(error.find(_REASON), 0) :].removesuffix(": unknown")
            return f"it could not be started: {tail(reason, 1)}"
        if self.state == "created":
            return f"it was made, and never started; its program: {self.program()}"
        return f"it is {self.state}; its program: {self.program()}"

    def _why_it_ended(self) -> str:
        """What to make of its end, where nobody expected it."""
        if self.state != "exited":
            return ""
        events = set(self.stage.events("container", self.name))
        if {"kill", "stop"} & events:
            return "One of your commands has ended it."
        if not {"start", "die"} & events:
            return "It had ended before, and none of your commands has started it."
        if int(self.about["State"]["ExitCode"]) == 0:
            return "A container runs as long as the program in it, and this program had nothing more to do."
        return ""

    def _failed(self, message: str, expected: str, advice: str = "") -> CheckFailed:
        """A failure that shows how it is, and what it wrote."""
        return CheckFailed(
            message,
            expected=expected,
            found=self.how_it_is(),
            evidence=(self.stage.evidence(), self._log()),
            advice=self.stage.advice(self.name) or advice,
        )

    def expect_running(self, *, for_seconds: float = 0) -> Self:
        """It runs.

        Args:
            for_seconds: and still does that many seconds after its start, without having been started again.
        """
        self._must_run()
        if for_seconds:
            begun, times = self.about["State"]["StartedAt"], self.about["RestartCount"]
            left = for_seconds - _age(begun, self.stage.docker("info", "--format", "{{.SystemTime}}").stdout)
            if left > 0 and self.stage.sandbox.session.cancelled.wait(left):
                raise Cancelled
            self._again()
            self._must_run()
            if times or self.about["RestartCount"]:
                raise self._restarts()
        return self

    def _must_run(self) -> None:
        if self.state == "restarting":
            raise self._restarts()
        if self.state != "running":
            what = {"exited": "its program has ended", "created": "it has not started"}.get(self.state, f"it is {self.state}")
            raise self._failed(
                f"The container {self.name} is not running: {what}.",
                "a container that runs when your commands are done",
                self._why_it_ended(),
            )

    def _restarts(self) -> CheckFailed:
        return self.stage.failed(
            f"The container {self.name} does not keep running: its program ends again and again, and the engine restarts it.",
            expected="one start, and a program that goes on",
            found=f"started again {self.about['RestartCount']} times; its program: {self.program()}",
            name=self.name,
        )

    def expect_from(self, image: str) -> Self:
        """It was made from an image, or from one that was made on top of that.

        Args:
            image: its name.
        """
        if not self.stage.comes_from(str(self.about["Image"]), image):
            raise self.stage.failed(
                f"The container {self.name} is not made from the image {image}.",
                expected=f"a container made from {image}",
                found=f"one made from {self.about['Config']['Image']}; its program: {self.program()}",
                name=self.name,
            )
        return self

    def expect_not_new(self) -> Self:
        """It was there before the commands."""
        if _age(self.stage.sandbox.play_began, str(self.about["Created"])) > 0:
            raise self.stage.failed(
                f"The container {self.name} is a new one: it is not the one that was there before your commands.",
                expected=f"the container {self.name} that was there before",
                found=f"one that your commands made; its program: {self.program()}",
                name=self.name,
            )
        return self

    def expect_exited(self, code: int = 0) -> Self:
        """It has ended, or does within a few seconds, with an exit code."""

        def ended() -> bool | None:
            self._again()
            return True if self.state == "exited" else None

        if self.state == "running":
            with suppress(wait.WaitTimeout):
                wait.until(ended, seconds=_END_SECONDS, cancelled=self.stage.sandbox.session.cancelled, every=0.2)
        expected = f"a container that has run and ended with {exit_code_in_words(code)}"
        if self.state == "created":
            raise self._failed(f"The container {self.name} has not ended: it has not even started.", expected)
        if self.state != "exited":
            raise self._failed(
                f"The container {self.name} has not ended.",
                expected,
                "A container ends when the program in it ends."
                if "start" in self.stage.events("container", self.name)
                else "It ran before, and none of your commands has ended it.",
            )
        found = int(self.about["State"]["ExitCode"])
        if found != code:
            raise self._failed(
                f"The container {self.name} has ended, but with exit code {found}.",
                expected,
                "It was killed: its program had no time to finish." if found == _KILLED else "",
            )
        return self

    def expect_log(self, contains: str, *, within: float = 0) -> Self:
        """It wrote these words, in upper or lower case.

        Args:
            contains: the words.
            within: seconds that it may take until they are there.
        """

        def wrote() -> bool | None:
            return contains.casefold() in self.logs().casefold() or None

        self._speak_again()
        try:
            wait.until(wrote, seconds=within, cancelled=self.stage.sandbox.session.cancelled, every=0.2)
        except wait.WaitTimeout:
            raise self.stage.failed(
                f"The container {self.name} has not written “{contains}”.",
                expected=f"{contains}, somewhere in its log",
                found=f"its program {self.program()} wrote {tail(self.logs(), 3) or 'nothing'}",
                name=self.name,
            ) from None
        return self

    def _speak_again(self) -> None:
        """Start a brief container that has ended without a word once more.

        A busy engine loses what such a container wrote. One that is silent is silent again.
        """
        state = self.about["State"]
        brief = self.state == "exited" and _age(state["StartedAt"], state["FinishedAt"]) < lost_output.BRIEF_SECONDS
        if brief and not self.logs():
            self.stage.docker("start", "--attach", self.name, seconds=_END_SECONDS)
            if self.logs():
                lost_output.note(self.stage.sandbox.session, f"the container {self.name}")

    def exec(self, *command: str, user: str | None = None, seconds: float = 20) -> ExecResult:
        """Run a command in it."""
        done = self.stage.docker("exec", *(["--user", user] if user else []), self.name, *command, seconds=seconds)
        return ExecResult(
            what=f"“{' '.join(command)}” in {self.name}", exit_code=done.exit_code, stdout=done.stdout, stderr=done.stderr,
            duration_s=done.duration_s,
        )  # fmt: skip

    def beside(self, *command: str, seconds: float = 20) -> ExecResult:
        """Run a command of the grader's own in its network: what can be reached from there, whatever is in its image.

        It shares the network and the names in ``/etc/hosts``, and nothing else. The container has to run.
        """
        return self.stage.helper(f"--network=container:{self.name}", *command, seconds=seconds)

    def finds(self, name: str) -> list[str]:
        """Addresses that Docker's own DNS gives it for a name; empty when it gives none, as on the default network."""
        said = self.beside("nslookup", name, _DNS).stdout
        return _ADDRESS.findall(said.partition("Name:")[2])

    def asks(self, url: str, *, seconds: float = 4, within: float = 0) -> str | None:
        """What a web server answers it; None when it cannot be reached from there.

        Args:
            url: with an address or a name.
            seconds: to wait for an answer.
            within: ask again until there is one, so many seconds: a program needs a moment until it listens.
        """

        def ask() -> str | None:
            said = self.beside("wget", "-q", "-O", "-", "-T", f"{seconds:.0f}", url, seconds=2 * seconds + 20)
            return said.stdout if said.exit_code == 0 else None

        with suppress(wait.WaitTimeout):
            return wait.until(ask, seconds=within, cancelled=self.stage.sandbox.session.cancelled, every=0.3)
        return None

    def addresses(self) -> list[str]:
        """Its own addresses, on all networks that it is on, ready to be put into a URL."""
        found = []
        for one in self.networks().values():
            found += [one["IPAddress"]] if one.get("IPAddress") else []
            found += [f"[{one['GlobalIPv6Address']}]"] if one.get("GlobalIPv6Address") else []
        return found

    def bindings(self) -> dict[int, list[tuple[str, int]]]:
        """Published ports: port inside → (host address, host port) of each binding."""
        ports = self.about["NetworkSettings"]["Ports"] or {}
        return {
            int(inside.split("/")[0]): [(one["HostIp"], int(one["HostPort"])) for one in bound or ()]
            for inside, bound in ports.items()
        }

    def networks(self) -> dict[str, Any]:
        """Networks that it is on, by name."""
        return dict(self.about["NetworkSettings"]["Networks"])

    def mounts(self) -> list[dict[str, Any]]:
        """Its mounts: Type, Name, Source, Destination, RW."""
        return list(self.about["Mounts"])


@dataclass(frozen=True)
class Inode:
    """What is at a path of a volume.

    Attributes:
        kind: ``regular file``, ``directory``, ``symbolic link`` …
        mode: permissions, e.g. ``2640``.
        uid, gid: owner and group, as a container sees them.
        size: bytes of a file; 0 for all else.
        content: a file's SHA-256, a link's target; otherwise empty.
    """

    kind: str
    mode: str
    uid: int
    gid: int
    size: int
    content: str


class SandboxVolume(SandboxResource):
    """A volume that the learner's commands left behind."""

    def tree(self) -> dict[str, Inode]:
        """Everything that is in it, by its path below the top."""
        said = self.stage.helper(f"--volume={self.name}:/tree:ro", "sh", "-c", _TREE, seconds=60)
        found = {}
        for line in said.stdout.splitlines():
            if line.count("|") < _COLUMNS or line.startswith("|"):  # a name or a link's target with a line break in it
                found[line.lstrip("|")] = Inode("something else", "", 0, 0, 0, "")
                continue
            kind, mode, uid, gid, size, content, path = line.split("|", _COLUMNS)
            kind = kind.replace("regular empty file", "regular file")
            found[path] = Inode(kind, mode, int(uid), int(gid), int(size) if kind == "regular file" else 0, content)
        return found
