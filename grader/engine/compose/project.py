"""A learner's compose stack on the engine: vetted, made safe, brought up, taken down.

What runs is a compose file of our own, written from the vetted plan: images by their ids, ports on free ones of the loopback
address, the run's labels on everything, limits that are never wider than the session's.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound

from grader.engine import containers, probe
from grader.engine.build.buildx import Built
from grader.engine.cli import CliResult, run_cli
from grader.engine.client import translated
from grader.engine.client_folder import ClientFolder
from grader.engine.compose import addresses
from grader.engine.compose.config import configure
from grader.engine.compose.files import fill
from grader.engine.compose.health import healthcheck, seconds
from grader.engine.compose.images import images
from grader.engine.compose.plan import FILES_VOLUME, Plan, ServicePlan
from grader.engine.compose.scaling import scaled
from grader.engine.compose.source import Source
from grader.engine.compose.vet import vet
from grader.engine.inspect import ImageInfo
from grader.engine.session import Session
from grader.values.errors import EngineUnavailable
from grader.values.events import EngineOutput

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
STOP_SECONDS = 4.0
"""Longest time between SIGTERM and SIGKILL: databases need one, a program that does not listen would use up any."""
DOWN_SECONDS = 60.0
_MOVES = 3
_EDIT_SECONDS = 30.0
_SUBPATH_API = (1, 45)
_START_INTERVAL_API = (1, 44)


class Project:
    """A stack. Making one reads and judges the learner's files and starts nothing.

    Args:
        session: the run.
        folder: the submission.
        file: the compose file; None for the one that ``docker compose`` would take.
        owner: the learner's folder, where ``folder`` is a copy of it: builds use its caches.
        variables: of the shell that starts it; none by default.
        scale: service → how many containers it has, instead of what the file says.
        delay: service → seconds that pass, each time one of its containers is started, before its own program begins.

    Attributes:
        name: of the compose project, unique on the engine.
        source: the learner's files.
        plan: what they ask for, vetted.
        complaints: what compose warned of.
        warnings: the same, and what is run otherwise than it was written.
        built: what was built, each with its Dockerfile below ``folder``.

    Raises:
        CheckFailed: the files cannot be read, or ask for what is refused.
    """

    def __init__(
        self,
        session: Session,
        folder: Path,
        file: str | None = None,
        *,
        owner: Path | None = None,
        variables: Mapping[str, str] | None = None,
        scale: Mapping[str, int] | None = None,
        delay: Mapping[str, float] | None = None,
    ) -> None:
        self.session = session
        self.folder = folder
        self._owner = owner
        self._delay = delay or {}
        self.name = session.name("compose")
        self.source = Source(folder, file)
        self.variables = dict(variables or {})
        config = scaled(configure(session, self.source, self.variables), scale or {}, self.source)
        with translated():
            version = session.client.version()
        self._api = tuple(int(part) for part in str(version["ApiVersion"]).split("."))
        self.plan: Plan = vet(config, folder, session.limits, f"{version['Os']}/{version['Arch']}", self.source.place)
        self.complaints = config.warnings
        self.warnings = [*(f"compose warns: {one}" for one in self.complaints), *self.plan.notes]
        self.built: tuple[tuple[str, Built], ...] = ()
        self._model: dict[str, Any] = {}
        self._staged = session.folder / self.name
        self._staged.mkdir()

    @property
    def labels(self) -> dict[str, str]:
        """For what the grader itself makes for this stack."""
        return {**self.session.labels, PROJECT_LABEL: self.name}

    def prepare(self) -> None:
        """Build and pull images, copy mounted files, write the compose file that is run.

        Raises:
            CheckFailed, LimitReached: a build fails, an image does not exist, too much is mounted.
            ImageUnavailable, EngineUnavailable, DiskFull: not the learner's fault.
        """
        if self.plan.files and self._api < _SUBPATH_API:
            raise EngineUnavailable("A stack that mounts files needs Docker Engine 26 or newer.", "Update the engine.")
        found, self.built = images(self.session, self.folder, self.plan, owner=self._owner)
        if self.plan.files:
            missing = fill(self.session, self.folder, self.plan.files, self._files_volume, self.labels)
            self.warnings += [f"{name} does not exist: the engine mounts an empty folder instead" for name in missing]
        self._write(self.model(found))

    def _write(self, model: dict[str, Any]) -> None:
        """Write what is run; JSON is YAML."""
        self._model = model
        (self._staged / "compose.json").write_text(json.dumps(_dollars(model), indent=1), encoding="utf-8")

    @property
    def _files_volume(self) -> str:
        return f"{self.name}_{FILES_VOLUME}"

    def model(self, found: Mapping[str, ImageInfo]) -> dict[str, Any]:
        """The compose file that is run.

        Args:
            found: service → its image.
        """
        labels = self.session.labels
        marked = {
            kind: {key: {**about, "labels": {**about.get("labels", {}), **labels}} for key, about in of.items()}
            for kind, of in (("networks", self.plan.networks), ("volumes", self.plan.volumes))
        }
        if self.plan.files:
            marked["volumes"][FILES_VOLUME] = {"name": self._files_volume, "external": True}
        services = {name: self._service(one, found[name]) for name, one in self.plan.services.items()}
        return {"services": services, "configs": dict(self.plan.configs), **marked}

    def _service(self, plan: ServicePlan, image: ImageInfo) -> dict[str, Any]:
        settings = dict(plan.settings)
        settings["image"] = image.id
        settings["pull_policy"] = "never"
        settings["scale"] = plan.replicas
        settings["labels"] = {**settings.get("labels", {}), **self.session.labels}
        settings["stop_grace_period"] = f"{min(seconds(settings.get('stop_grace_period', '10s')), STOP_SECONDS):.3f}s"
        health = healthcheck(
            plan.health,
            image.config.healthcheck,
            self.session.limits,
            start_interval=self._api >= _START_INTERVAL_API,
        )
        if health is not None:
            settings["healthcheck"] = health
        if delay := self._delay.get(plan.name):
            own = settings.get("entrypoint")
            program = own if own is not None else image.config.entrypoint
            # As for the engine itself: whoever sets another entrypoint takes the image's own command away.
            command = settings.get("command", () if own is not None else image.config.cmd)
            settings["entrypoint"] = ["sh", "-c", f'sleep {delay:g}; exec "$@"', "sh"]
            settings["command"] = [*program, *command]
        return settings

    def edit(self, name: str, content: str) -> None:
        """Save a file of the learner's that services mount, as most editors do: a new file takes the place of the old one.

        So a mount of that file alone goes on with the old one, and a mount of its folder does not.

        Args:
            name: relative to the folder.
            content: the new text.
        """
        spec = containers.Spec(
            image=probe.IMAGE,
            entrypoint=["sh", "-c", 'cat /new >"/files/$1.new" && mv "/files/$1.new" "/files/$1" && echo done', "sh"],
            command=[name],
            user="0",
            volumes={self._files_volume: "/files"},
            files={"/new": content},
        )
        if not containers.output(self.session, spec, seconds=_EDIT_SECONDS):
            raise EngineUnavailable("The grader could not change a file.", "Try again; `grader doctor` helps.")

    def compose(self, *args: str, seconds: float) -> CliResult:
        """Run ``docker compose ARGS`` on the vetted file."""
        common = ["--project-name", self.name, "--project-directory", str(self._staged), "--progress", "plain"]
        common += ["--env-file", os.devnull, "--file", str(self._staged / "compose.json")]
        env = self.session.only(ClientFolder).env
        command = ["compose", *common, *args]
        return run_cli(self.session, command, seconds=seconds, cwd=self._staged, env=env, on_stderr=self._progress)

    def _progress(self, line: str) -> None:
        if text := line.strip().replace(f"{self.name}-", "").replace(f"{self.name}_", ""):
            self.session.emit(EngineOutput(line=text))

    def up(self) -> CliResult:
        """``docker compose up --detach``: returns when every container has been started in its turn, or one could not."""
        command = ("up", "--detach", "--no-build", "--pull", "never")
        result = self.compose(*command, seconds=self.session.limits.start_seconds)
        for _ in range(_MOVES):
            if result.returncode == 0 or addresses.TAKEN not in result.stderr:
                break
            self._move()
            result = self.compose(*command, seconds=self.session.limits.start_seconds)
        return result

    def _move(self) -> None:
        """Move the stack's own addresses out of the way of another network."""
        self._remove_networks()
        model, moves = addresses.moved(self._model)
        self._write(model)
        for old, new in moves.items():
            self.session.notes.append(f"The addresses {old} are in use on this machine: here the stack has {new} instead.")

    def down(self, *, volumes: bool) -> CliResult:
        """``docker compose down``: stop, each with its time to end, and remove; named volumes only where asked for."""
        # An image's own volumes would stay behind without a label: they go together with their container.
        result = self.compose("rm", "--force", "--stop", "--volumes", seconds=DOWN_SECONDS)
        if result.returncode != 0:
            return result
        return self.compose("down", *(["--volumes"] if volumes else []), seconds=DOWN_SECONDS)

    def containers(self) -> dict[str, list[str]]:
        """Service → ids of its containers, running or not, oldest first."""
        with translated():
            listed = self.session.client.api.containers(all=True, filters={"label": f"{PROJECT_LABEL}={self.name}"})
        found: dict[str, list[str]] = {name: [] for name in self.plan.services}
        for one in sorted(listed, key=lambda one: int(one["Created"])):
            found.setdefault(one["Labels"].get(SERVICE_LABEL, ""), []).append(one["Id"])
        return found

    def remove(self) -> None:
        """Remove all of it at once: containers, networks, volumes; again until a command that was cut off has ended, too.

        Raises:
            APIError: something cannot be removed.
        """
        for attempt in range(20):
            try:
                if not self._remove_found():
                    return
            except APIError:  # still in use by what is being made or removed at this moment
                if attempt == 19:
                    raise
                time.sleep(0.1)

    def _remove_found(self) -> int:
        api, wanted = self.session.client.api, {"label": f"{PROJECT_LABEL}={self.name}"}
        listed = [one["Id"] for one in api.containers(all=True, filters=wanted)]
        for identity in listed:
            containers.remove(self.session, identity)
        n_networks = self._remove_networks()
        volumes = api.volumes(filters=wanted).get("Volumes") or ()
        for volume in volumes:
            with suppress(NotFound):
                api.remove_volume(volume["Name"], force=True)
        return len(listed) + n_networks + len(volumes)

    def _remove_networks(self) -> int:
        api = self.session.client.api
        networks = api.networks(filters={"label": f"{PROJECT_LABEL}={self.name}"})
        for network in networks:
            with suppress(NotFound):
                api.remove_network(network["Id"])
        return len(networks)


def _dollars(value: Any) -> Any:
    """A model whose dollars stay dollars: compose puts variables into values, and never into keys."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _dollars(one) for key, one in value.items()}
    return [_dollars(one) for one in value] if isinstance(value, list | tuple) else value
