"""An engine of its own for a learner's commands: nested, bounded, cut off, and restored between runs of commands.

Three containers and three volumes. The engine (docker-in-docker, no network, its data on a tmpfs of fixed size, its
containers' root mapped to nobody) is privileged, as a nested engine must be; so nothing of the learner's ever runs in its
container, and its own socket stays out of reach. The learner's commands run in an unprivileged client, which shares the
engine's network namespace (so ``wget localhost:8000`` means what the brief says) and sees only the filter's socket.
Whatever the learner can write to is a tmpfs of fixed size: the machine's disk is not among it.

``parts`` makes these; ``script`` runs a learner's commands in them; here is a sandbox's life, and what the grader itself asks.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.engine import containers, images, lost_output, wait
from grader.engine.cli import CliResult, run_cli
from grader.engine.client import translated
from grader.engine.images import with_tag
from grader.engine.sandbox import limits, restore, script
from grader.engine.sandbox.parts import ENGINE_IMAGE, FILTER_IMAGE, FOLDER, SIZE, SOCKET, Parts, Size
from grader.engine.session import Session
from grader.values.errors import EngineUnavailable, LimitReached
from grader.values.events import EngineOutput

_START_SECONDS = 60.0
_RESET_SECONDS = 30.0
_NO_FILES = f"rm -rf {FOLDER}/* {FOLDER}/.[!.]* {FOLDER}/..?*"


class Sandbox:
    """A nested engine, for one run at a time.

    Args:
        session: what it belongs to and goes with; the run itself, or ``Sandboxes``, who lend it to one run after another.
        images: what the engine has from the start, by name.
        size: what it may use.
        user: the run that it is lent to from the start; by default ``session`` is the run.

    Attributes:
        session: the run that uses it now.
        asked: the images, as asked for.
        image_ids: name → id of the images that its engine has from the start.
        play_began, play_ended: when the learner's commands ran last, as the engine writes times.

    Raises:
        EngineUnavailable: it does not start.
        ImageUnavailable: one of the images is not there.
    """

    def __init__(self, session: Session, images: Sequence[str], size: Size = SIZE, *, user: Session | None = None) -> None:
        self._home = session
        self.session = user or session
        self.state: object = None  # whose commands it shows: see checks.sandbox
        self.asked = tuple(images)
        self._size = size
        self._stock = _Stock(session, images)
        self.image_ids: dict[str, str] = {}
        self._used = False  # something may differ from what it was after the start
        self._spent = False  # a limit was reached, or it has not come up: what still works of it cannot be known
        self._refused = 0  # forks, to the commands that ran last
        self.play_began = self.play_ended = ""
        self._start()

    # Its life

    def _start(self) -> None:
        self._spent = True
        for image in (ENGINE_IMAGE, FILTER_IMAGE, *self._stock.names):
            images.need(self.session, image)
        self.session.emit(EngineOutput(line="starting an engine of its own for your commands"))
        self._parts = Parts(self._home, self._size)
        self._stock.export()  # while the engine comes up
        try:
            wait.until(
                lambda: True if self.answers() else None,
                seconds=_START_SECONDS,
                alive=self._alive,
                cancelled=self.session.cancelled,
            )
        except wait.WaitTimeout:
            raise self._no_start() from None
        self._parts.take_address(self.session.cancelled)
        self._load()

    def _alive(self) -> None:
        if not containers.inspect(self.session, self.engine).state.running:
            raise self._no_start()

    def _no_start(self) -> EngineUnavailable:
        said = containers.logs(self.session, self.engine, tail=3).strip()
        return EngineUnavailable(
            f"The sandbox engine for your commands did not start: {said.splitlines()[-1] if said else 'it said nothing'}",
            "Try again; `grader doctor` helps.",
        )

    def _load(self) -> None:
        """Put its images into the engine."""
        for name, archive in self._stock.archives.items():
            loaded = self.docker("load", "-q", seconds=120, stdin=archive)
            if loaded.returncode != 0:
                raise EngineUnavailable(f"The sandbox engine could not take the image {name}: {loaded.stderr.strip()[-200:]}")
        listed = self.docker("image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}}={{.ID}}")
        self.image_ids = dict(line.split("=", 1) for line in listed.stdout.split())
        self._used = self._spent = False

    def close(self) -> None:
        """Remove it, before what it belongs to goes."""
        self._parts.remove()

    def lend(self, session: Session) -> None:
        """Let a run use it, and no other."""
        self.session = session

    def take_back(self) -> None:
        """End a run's use of it, and bring it back to what it was, so that the next one need not wait for that."""
        self.session = self._home
        self.reset()

    def reset(self) -> None:
        """Bring it back to what it was after the start; starts it again where that does not work."""
        self.state = None
        runs = not self._spent and self._parts.run_on
        if runs and not self._used:
            return
        done = self._restore(self.image_ids) if runs and self._run(_NO_FILES, seconds=_RESET_SECONDS).returncode == 0 else None
        if done == restore.IMAGES_GONE:
            self._load()
        elif done != 0:
            self.close()
            self._start()
        self._used = self._spent = False

    def empty(self) -> None:
        """Remove all containers, volumes, networks and images, and keep the learner's files."""
        if self._restore({}) != 0:
            raise EngineUnavailable("The sandbox engine could not be emptied.", "Try again.")

    def _restore(self, images: Mapping[str, str]) -> int | None:
        """Remove all but these images (name → id); None when that did not come to an end."""
        done = self._python("-m", restore.__name__, SOCKET, json.dumps(images), seconds=_RESET_SECONDS)
        return None if done.timed_out else done.returncode

    # What runs in it

    @property
    def engine(self) -> str:
        """The id of the container that its engine runs in."""
        return self._parts.engine

    def losses(self) -> int:
        """How many outputs of containers its engine has lost so far, as its log says."""
        return lost_output.losses(containers.logs(self.session, self.engine, tail=None))

    def answers(self) -> bool:
        """Whether its engine answers."""
        return self._run(["docker", "version"], seconds=5).returncode == 0

    def _run(self, command: str | Sequence[str], *, seconds: float) -> CliResult:
        return self._parts.run(command, seconds=seconds, cancelled=self.session.cancelled)

    def docker(self, *args: str, seconds: float = 30, stdin: Path | None = None) -> CliResult:
        """Run a docker command of the grader's own against it, past the filter.

        Args:
            args: without the word docker.
            seconds: deadline.
            stdin: a file that it reads.
        """
        self._used = True
        if stdin is None:
            return self._run(["docker", *args], seconds=seconds)
        return run_cli(self.session, ["exec", "-i", self.engine, "docker", *args], seconds=seconds, stdin=stdin)

    def shell(self, code: str, *args: str, seconds: float = 30) -> CliResult:
        """Run a piece of shell of the grader's own in the engine's container, where docker is the engine itself.

        Args:
            code: it sees ``args`` as ``$1``, ``$2`` …; nothing of the learner's may be run by it.
            args: for the code.
            seconds: deadline.
        """
        self._used = True
        return self._run(["sh", "-c", code, "sh", *args], seconds=seconds)

    def save(self, image: str, archive: Path) -> None:
        """Write what ``docker save`` gives of an image into a file on this machine.

        Args:
            image: its name or id.
            archive: the file.

        Raises:
            EngineUnavailable: that does not work.
        """
        inside = "/saved.tar"
        done = self.shell('docker save --output "$1" "$2"', inside, image, seconds=120)
        if done.returncode == 0:
            done = run_cli(self.session, ["cp", f"{self.engine}:{inside}", str(archive)], seconds=120)
        self.shell('rm -f "$1"', inside)
        if done.returncode != 0:
            raise EngineUnavailable(f"The image {image} could not be saved: {done.stderr.strip()[-200:]}")

    def python(self, code: str, *args: str, seconds: float = 30) -> CliResult:
        """Run a piece of Python in its network namespace, e.g. to ask a published port."""
        return self._python("-c", code, *args, seconds=seconds)

    def _python(self, *args: str, seconds: float) -> CliResult:
        return self._parts.python(*args, seconds=seconds, cancelled=self.session.cancelled)

    def play(self, script_text: str, files: Mapping[str, bytes], *, seconds: float) -> CliResult:
        """Run a learner's commands with ``sh -x`` in the client; output and commands come in their order, in ``stdout``.

        Args:
            script_text: the commands.
            files: name → content, in the folder that they run in.
            seconds: deadline.

        Raises:
            LimitReached: the deadline, memory, processes or disk.
        """
        self._used = True
        try:
            end = script.run(self.session, self._parts, script_text, files, seconds=seconds)
        except LimitReached:
            self._spent = True
            raise
        self.play_began, self.play_ended = end.began, end.ended
        self._refused = end.refused
        return CliResult(end.exit_code, end.output, "", cut_off=end.cut_off)

    def limit_behind(self, output: str) -> LimitReached | None:
        """Say whether the learner's commands, or what they left running, have reached a limit by now.

        Args:
            output: what the commands said.
        """
        limit = limits.reached(self.session, self._parts, output, refused=self._refused)
        self._spent = self._spent or limit is not None
        return limit


class _Stock:
    """The images that a sandbox has from the start, as archives that are written once for all its engines.

    Args:
        session: whose folder they are in.
        images: names.

    Attributes:
        names: with a tag: a name alone would be exported with all the tags that it has on this machine.
        archives: name → archive, of those that have been exported.
    """

    def __init__(self, session: Session, images: Sequence[str]) -> None:
        self.names = tuple(with_tag(one) for one in images)
        self.archives: dict[str, Path] = {}
        self._session = session

    def export(self) -> None:
        """Write those that have not been written yet."""
        for name in self.names:
            if name in self.archives:
                continue
            archive = self._session.folder / f"{self._session.name('image')}.tar"
            with translated(), archive.open("wb") as file:
                for chunk in self._session.client.api.get_image(name):
                    file.write(chunk)
            self.archives[name] = archive
