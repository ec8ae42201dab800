"""A container that a learner's commands left behind in the sandbox, and what to expect of it."""

import time
from contextlib import suppress
from typing import Self

from grader.checks.exec_result import tail
from grader.checks.sandbox import process, words
from grader.checks.sandbox.mounted import MountedContainer
from grader.checks.sandbox.output import SandboxOutput
from grader.checks.sandbox.process import SandboxProcess
from grader.checks.sandbox.shared_memory import SandboxSharedMemory, why_it_ran_out
from grader.checks.sandbox.words import quoted
from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine import containers, lost_output, wait
from grader.engine.inspect import ContainerInfo, moment
from grader.values import units
from grader.values.errors import Cancelled, CheckFailed
from grader.values.outcome import Evidence

_END_SECONDS = 5.0
_KILLED = 137
_SHOWN_CHARACTERS = 300
_REASON = "exec: "
"""What follows is why a program could not be started; what comes before is how the engine's parts told each other."""
# All of the log, of which only the end is handed out where it is very long.
_WROTE = 'docker logs "$1" 2>&1 | grep -aiF -e "$2" | grep -q .'
_STATES = {"exited": "its program {program} has ended", "created": "it was created, but never started"}


class SandboxContainer(MountedContainer):
    """A container that the learner's commands left behind."""

    # What it is

    @property
    def state(self) -> str:
        """``created``, ``running``, ``paused``, ``restarting``, ``exited`` or ``dead``."""
        return self.about.state.status

    @property
    def program(self) -> str:
        """What runs in it, as it would be typed, in quotes."""
        return quoted(self.about.command)

    @property
    def is_new(self) -> bool:
        """Whether the commands have made it."""
        began = moment(self.script.engine.play_began)
        return began is not None and self.about.created > began

    def logs(self) -> str:
        """What it wrote, both outputs one behind the other."""
        return self.said().output

    def said(self) -> SandboxOutput:
        """What it wrote, as the output of its program."""
        said = self.script.docker("logs", self.name)
        return SandboxOutput(
            what=f"the container {self.name}",
            exit_code=self.about.state.exit_code,
            stdout=said.stdout,
            stderr=said.stderr,
            duration_s=0.0,
            script=self.script,
            of=self.name,
        )

    def read(self, path: str) -> str | None:
        """A text file in it, whether or not it runs; None when there is no such file."""
        return self.script.file_in(self.name, path)

    def processes(self) -> tuple[SandboxProcess, ...]:
        """What runs in it now, the oldest first."""
        return process.look(self.script, self.about)

    def shared_memory(self) -> SandboxSharedMemory:
        """Its shared memory, as it is now; the container runs."""
        return SandboxSharedMemory(self.script, self.about)

    def why_shared_memory_ran_out(self, needed: int) -> str:
        """Why its program, which has ended, had too little shared memory; empty where that cannot be told.

        Args:
            needed: bytes that the program puts there.
        """
        return why_it_ran_out(self.about, needed)

    def how_it_is(self) -> str:
        """Its state, in words."""
        state = self.about.state
        if self.state == "exited":
            lasted = units.seconds(max(state.lasted, 0.1))
            return f"its program {self.program} ended with {exit_code_in_words(state.exit_code)}, {lasted} after its start"
        if self.state == "created" and state.error:
            reason = state.error[max(state.error.find(_REASON), 0) :].removesuffix(": unknown")
            return f"it could not be started: {tail(reason, 1)}"
        if self.state == "created":
            return f"it was created, but never started; its program: {self.program}"
        return f"it is {self.state}; its program: {self.program}"

    # What to do to it

    def exec(self, *command: str, user: str | None = None, seconds: float = 20) -> SandboxOutput:
        """Run a command in it.

        Args:
            command: program and arguments; no shell.
            user: other than the container's own.
            seconds: deadline.
        """
        begin = time.monotonic()
        done = self.script.docker("exec", *(["--user", user] if user else []), self.name, *command, seconds=seconds)
        return SandboxOutput(
            what=f"{quoted(command)} in {self.name}",
            exit_code=done.exit_code,
            stdout=done.stdout,
            stderr=done.stderr,
            duration_s=time.monotonic() - begin,
            script=self.script,
            of=self.name,
        )

    def put(self, path: str, text: str) -> bool:
        """Put a text file into it, running or not.

        Args:
            path: absolute; its folder is there.
            text: what is in it.

        Returns:
            Whether it could be: the files of some containers can only be read.
        """
        session = self.script.engine.session
        packed = session.folder / f"{session.name('put')}.tar"
        packed.write_bytes(containers.archive({path: text}))
        try:
            return self.script.engine.docker("cp", "-", f"{self.name}:/", stdin=packed).returncode == 0
        finally:
            packed.unlink()

    def stop(self) -> Self:
        """End it at once."""
        self.script.docker("stop", "--time", "0", self.name)
        return self

    def remove(self) -> None:
        """Remove it, with the volumes that have no name."""
        self.script.docker("rm", "--force", "--volumes", self.name)

    # What to expect

    def expect_running(self, *, for_seconds: float = 0) -> Self:
        """It runs.

        Args:
            for_seconds: and still does that many seconds after its start, without having been started again.
        """
        self._must_run()
        if for_seconds:
            times, now = self.about.restarts, moment(self.script.docker("info", "--format", "{{.SystemTime}}").stdout.strip())
            left = for_seconds - (self.about.state.age(now) if now else 0.0)
            if left > 0 and self.script.engine.session.cancelled.wait(left):
                raise Cancelled
            self._again()
            self._must_run()
            if times or self.about.restarts:
                raise self._restarts()
        return self

    def expect_exited(self, code: int = 0) -> Self:
        """It has ended, or does within a few seconds, with an exit code."""

        def ended() -> bool | None:
            self._again()
            return True if self.state == "exited" else None

        if self.state == "running":
            with suppress(wait.WaitTimeout):
                wait.until(ended, seconds=_END_SECONDS, cancelled=self.script.engine.session.cancelled, every=0.2)
        expected = f"a container that has run and ended with {exit_code_in_words(code)}"
        if self.state == "created":
            raise self._is_not(f"The container {self.name} has not ended: it has not even started.", expected)
        if self.state != "exited":
            raise self._is_not(
                f"The container {self.name} has not ended: it {words.state(self.state)}.",
                expected,
                "A container ends when the program in it ends."
                if "start" in self.script.events("container", self.name)
                else "It ran before, and none of your commands has ended it.",
            )
        if self.about.state.exit_code != code:
            raise self._is_not(
                f"The container {self.name} has ended, but with exit code {self.about.state.exit_code}.",
                expected,
                "It was killed: its program had no time to finish." if self.about.state.exit_code == _KILLED else "",
            )
        return self

    def expect_never_started(self) -> Self:
        """It has been made, and never started."""
        expected = "a container that was created, but never started"
        if self.state != "created":
            raise self._is_not(f"The container {self.name} has been started: it {words.state(self.state)}.", expected)
        if self.about.state.error:
            raise self._is_not(
                f"Your commands tried to start the container {self.name}: it failed only because its program is missing.",
                expected,
            )
        return self

    def expect_from(self, image: str) -> Self:
        """It was made from an image, or from one that was made on top of that.

        Args:
            image: its name, as it was before the commands.
        """
        if not self.script.comes_from(self.about.image, image):
            again = self.script.events("container", self.about.id).count("start") > 1
            another_tag = self.about.config.image.partition(":")[0] == image.partition(":")[0]
            raise self._failed(
                f"The container {self.name} is not made from the image {image}, but from {self.about.config.image}.",
                expected=f"a container made from {image}",
                found=f"one made from {self.about.config.image}; its program: {self.program}",
                advice=("Whatever is started again is still the same container. " if again else "")
                + ("A container keeps the image that it was made from, whatever happens to it." if another_tag else ""),
            )
        return self

    def expect_not_new(self) -> Self:
        """It was there before the commands."""
        if self.is_new:
            raise self._failed(
                f"The container {self.name} is a new one: it is not the one that was there before your commands.",
                expected=f"the container {self.name} that was there before",
                found=f"one that your commands made; its program: {self.program}",
            )
        return self

    def expect_log(self, contains: str, *, within: float = 0) -> Self:
        """It wrote these words, in upper or lower case.

        Args:
            contains: the words.
            within: seconds that it may take until they are there.
        """

        def wrote() -> bool | None:
            if contains.casefold() in self.logs().casefold():
                return True
            return self.script.engine.shell(_WROTE, self.name, contains).returncode == 0 or None

        self._speak_again()
        try:
            wait.until(wrote, seconds=within, cancelled=self.script.engine.session.cancelled, every=0.2)
        except wait.WaitTimeout:
            raise self._failed(
                f"The container {self.name} has not written “{contains}”.",
                expected=f"{contains}, somewhere in its log",
                found=f"its program {self.program} wrote {tail(self.logs(), 3) or 'nothing'}",
            ) from None
        return self

    def expect_file(self, path: str, text: str) -> Self:
        """A file is in it that says what it should; what that is, the failure does not tell.

        Args:
            path: of the file.
            text: what it says, white space at its end aside.
        """
        found = self.read(path)
        if found is None or found.rstrip() != text.rstrip():
            raise self._failed(
                f"The container {self.name} {_another_file(path, found, text.strip())}.",
                expected=f"the file {path} in it, as it was before your commands",
                found="no such file" if found is None else found.strip()[:_SHOWN_CHARACTERS] or "an empty file",
                advice=self._where_the_file_went(),
            )
        return self

    def expect_runs(self, program: str) -> SandboxProcess:
        """A program runs in it.

        Args:
            program: its path; a script's, where it is one.
        """
        found = self.processes()
        for one in found:
            if one.runs(program):
                return one
        raise self._failed(
            f"The program {program} does not run in the container {self.name}.",
            expected=f"a process of it that runs {program}",
            found=" and ".join(dict.fromkeys(quoted(one.command) for one in found)) or self.how_it_is(),
        )

    # Why not

    def _again(self) -> None:
        self.about = ContainerInfo.parse(self.script.must("container", self.name, self.script.containers))

    def _must_run(self) -> None:
        if self.state == "restarting":
            raise self._restarts()
        if self.state != "running":
            how = _STATES.get(self.state, "it is {state}").format(program=self.program, state=self.state)
            raise self._is_not(
                f"The container {self.name} is not running: {how}.",
                "a container that runs when your commands are done",
                self._why_it_ended(),
            )

    def _restarts(self) -> CheckFailed:
        return self._failed(
            f"The container {self.name} does not keep running: its program ends again and again, and the engine restarts it.",
            expected="one start, and a program that goes on",
            found=f"started again {self.about.restarts} times; its program: {self.program}",
        )

    def _is_not(self, message: str, expected: str, advice: str = "") -> CheckFailed:
        """A failure that shows how it is, and what it wrote."""
        log = Evidence(f"log of {self.name}", tail(self.logs()))
        return self._failed(message, expected=expected, found=self.how_it_is(), evidence=(log,), advice=advice)

    def _why_it_ended(self) -> str:
        """What to make of its end, where nobody expected it."""
        if self.state != "exited":
            return ""
        events = set(self.script.events("container", self.name))
        if {"kill", "stop"} & events:
            return "One of your commands has ended it."
        if not {"start", "die"} & events:
            return "It had ended before, and none of your commands has started it."
        if self.about.state.exit_code == 0:
            return "A container runs as long as the program in it, and this program had nothing more to do."
        return ""

    def _where_the_file_went(self) -> str:
        """What became of a file that was in a container of this name before the commands."""
        if not self.is_new:
            return "It is the old container, but one of your commands has changed the file."
        if "destroy" in self.script.events("container", self.name):
            return "This is a new container. What was in the old one has gone with it."
        return ""

    def _speak_again(self) -> None:
        """Start a brief container that has ended without a word once more.

        A busy engine loses what such a container wrote. One that is silent is silent again.
        """
        brief = self.state == "exited" and self.about.state.lasted < lost_output.BRIEF_SECONDS
        if brief and not self.logs():
            self.script.docker("start", "--attach", self.name, seconds=_END_SECONDS)
            if self.logs():
                lost_output.note(self.script.engine.session, f"the container {self.name}")


def _another_file(path: str, found: str | None, text: str) -> str:
    """In which way a file is not what it should be, without saying what that is."""
    if found is None:
        return f"has no file {path}"
    return f"says {'more' if text and text in found else 'something else'} in its file {path} than it should"
