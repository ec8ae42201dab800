"""The processes of a container in the sandbox, as the engine's machine sees them: nothing of the container's is run."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from grader.checks.sandbox.script_run import ScriptRun
from grader.engine.inspect import ContainerInfo

# A line for each process, the oldest first: its words and its variables.
_LOOK = r"""
space=$(readlink "/proc/$1/ns/pid") || exit 1
for pid in $(ls /proc | grep '^[0-9]' | sort -n); do
    [ "$(readlink "/proc/$pid/ns/pid" 2>/dev/null)" = "$space" ] || continue
    echo "$(base64 <"/proc/$pid/cmdline" | tr -d '\n')|$(base64 <"/proc/$pid/environ" | tr -d '\n')"
done
"""
_INTERPRETED = 2
"""Words of a script's process: its interpreter, and the script."""


@dataclass(frozen=True)
class SandboxProcess:
    """A process of a container.

    Attributes:
        script: the commands that have started it.
        container: where it runs.
        command: its words.
        env: the variables that it was started with.
    """

    script: ScriptRun
    container: ContainerInfo
    command: tuple[str, ...]
    env: Mapping[str, str]

    def runs(self, program: str) -> bool:
        """Whether it is a program, or the script of that path."""
        return program in self.command[:1] or (len(self.command) == _INTERPRETED and self.command[1] == program)

    def expect_env(self, wanted: Mapping[str, str], *, files: Mapping[str, Mapping[str, str]], advice: str = "") -> None:
        """It has got its settings from where it should.

        Args:
            wanted: variable → value.
            files: env-files that lie there: name → what stands in it. They, and the image, are told as where a value is from.
            advice: what to make of a value that should be a file's, where that cannot be told from the values.
        """
        image = self.script.image_info(self.container.image)
        sources = {**files, "the image": image.config.env if image else {}}

        def source(name: str, value: str) -> str:
            return next((source for source, has in sources.items() if has.get(name) == value), "")

        for name, value in wanted.items():
            found = self.env.get(name)
            if found == value:
                continue
            right = source(name, value)
            of = source(name, found) if found is not None else ""
            has = f"no {name}" if found is None else f"the {name} of {of}" if of else f"another {name}"
            raise self.script.failed(
                f"The program in {self.container.name} has {has}; it should have that of {right or 'your commands'}.",
                expected=f"{name} as in {right}" if right else f"{name}={value}",
                found="; ".join(f"{one}={self.env[one]}" if one in self.env else f"no {one}" for one in wanted),
                advice=self._why_not(name, value, found or "") or (advice if right in files else ""),
                name=self.container.name,
            )

    def _why_not(self, name: str, value: str, found: str) -> str:
        """Why a variable has another value, where that can be told from what was typed."""
        if found.strip("\"'") == value:
            return "Quotes in an env-file are a part of the value."
        if re.search(rf"^\$ (?:\w+=\S* )*{re.escape(name)}=\S* docker ", self.script.said.output, re.MULTILINE):
            return f"Before a command, {name}=… is a variable of the shell. No container sees it."
        return ""


def look(script: ScriptRun, container: ContainerInfo) -> tuple[SandboxProcess, ...]:
    """What runs in a container now, the oldest first; nothing where it does not run."""
    said = script.engine.shell(_LOOK, str(container.state.pid)) if container.state.pid else None
    return tuple(_process(script, container, line) for line in said.stdout.splitlines()) if said else ()


def _process(script: ScriptRun, container: ContainerInfo, line: str) -> SandboxProcess:
    command, entries = (base64.b64decode(part).decode("utf-8", "replace").split("\0") for part in line.split("|"))
    return SandboxProcess(
        script, container, tuple(command[:-1]), dict(entry.split("=", 1) for entry in entries if "=" in entry)
    )
