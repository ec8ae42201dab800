"""A learner's compose file as text: found, read with care, and its lines looked up for messages.

What a stack would do is judged by the output of ``docker compose config``, never by this module's reading. Here only that
is refused which ``config`` itself would already read from elsewhere: other compose files and env files.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader.engine.build import context
from grader.values import units
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In compose's own order."""
OVERRIDES = ("compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml")
BYTES = 64 * units.KB
_MERGED = 1000

Path_ = tuple[str | int, ...]
"""A place in a compose file, e.g. ``("services", "api", "ports", 0)``."""


@dataclass(frozen=True)
class Place:
    """A line of a compose file.

    Attributes:
        file: its name.
        line: from 1.
        text: the line itself.
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"in line {self.line} of {self.file}: {self.text.strip()[:120]}"


@dataclass(frozen=True)
class Refusal:
    """Something that a compose file asks for and does not get.

    Attributes:
        what: it, in a reader's words.
        place: where; None when it cannot be told.
    """

    what: str
    place: Place | None

    def __str__(self) -> str:
        return f"{self.what}, {self.place}" if self.place else self.what


def refused(refusals: list[Refusal]) -> CheckFailed:
    """The failure that tells of them, first line first."""
    ordered = sorted(refusals, key=lambda one: one.place.line if one.place else 0)
    name = next((one.place.file for one in ordered if one.place), "Your compose file")
    more = len(ordered) - 1
    return CheckFailed(
        f"{name} asks for something that is not allowed here; nothing was started.",
        expected="a stack that stays inside its own containers, networks, volumes and folder",
        found=str(ordered[0]) + (f" (and {more} more)" if more else ""),
        evidence=Evidence("not allowed", "\n".join(map(str, ordered))) if more else (),
        advice="The exercise does not need it. Take it out.",
    )


class Source:
    """The compose files of one stack.

    Args:
        folder: the submission.
        file: the compose file's name below it; None for the one that ``docker compose`` would take, with its override.

    Attributes:
        texts: name → text, in the order in which they are merged.
        env: text of the ``.env`` beside it; empty when there is none.

    Raises:
        CheckFailed: there is none, it cannot be read, is no YAML, or reads files from elsewhere.
    """

    def __init__(self, folder: Path, file: str | None = None) -> None:
        self.folder = folder
        self.texts = {name: _read(folder, name) for name in ([file] if file else _found(folder))}
        self.env = _read_env(folder)
        self._documents = [(name, node) for name, text in self.texts.items() for node in _documents(name, text)]
        if refusals := list(self._reads_elsewhere()):
            raise refused(refusals)

    @property
    def name(self) -> str:
        """The main file's name."""
        return next(iter(self.texts))

    def place(self, path: Path_) -> Place | None:
        """The line that a place in the merged configuration comes from, or the nearest one around it."""
        best: tuple[int, Place] | None = None
        for name, document in self._documents:
            depth, line = _deepest(document, path)
            if line is not None and (best is None or depth >= best[0]):
                best = depth, self.line(name, line)
        return best[1] if best else None

    def line(self, name: str, number: int) -> Place:
        """A line by its number from 1."""
        lines = self.texts[name].splitlines() or [""]
        number = min(max(number, 1), len(lines))
        return Place(name, number, lines[number - 1])

    def _reads_elsewhere(self) -> Iterator[Refusal]:
        for name, document in self._documents:
            top = _entries(document)
            if "include" in top:
                yield self._refusal(name, top["include"][0], "another compose file (include)")
            for key, service in _entries(top["services"][1]).values() if "services" in top else ():
                about = _entries(service)
                if "extends" in about and "file" in _entries(about["extends"][1]):
                    yield self._refusal(name, about["extends"][0], "a service of another compose file (extends)")
                for field in ("env_file", "label_file"):
                    if field in about:
                        yield from self._env_files(name, *about[field], key)

    def _env_files(self, name: str, key: yaml.Node, value: yaml.Node, _service: yaml.Node) -> Iterator[Refusal]:
        for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            entries = _entries(one)
            path = entries["path"][1] if "path" in entries else one
            if not isinstance(path, yaml.ScalarNode):
                yield self._refusal(name, key, "an env_file that is not a path")
            elif "$" in path.value:
                yield self._refusal(name, path, "an env_file whose name holds a variable")
            elif not inside(self.folder, self.folder / str(path.value)):
                yield self._refusal(name, path, "an env_file outside your folder")
            elif (self.folder / str(path.value)).exists():  # else compose says in its own words that it is missing
                _read_or_empty(self.folder, os.path.normpath(str(path.value)))

    def _refusal(self, name: str, node: yaml.Node, what: str) -> Refusal:
        return Refusal(what, self.line(name, node.start_mark.line + 1))


def inside(folder: Path, path: Path) -> bool:
    """Whether a path, all links followed, lies in a folder or is it."""
    return Path(os.path.realpath(path)).is_relative_to(Path(os.path.realpath(folder)))


def told(folder: Path, path: Path | str) -> str:
    """A path outside a folder as the learner may have written it: where our copy of their folder is, is nothing to them."""
    return min(str(path), os.path.relpath(path, folder), key=len)


def _found(folder: Path) -> list[str]:
    main = next((name for name in NAMES if os.path.lexists(folder / name)), NAMES[0])
    override = next((name for name in OVERRIDES if os.path.lexists(folder / name)), None)
    return [main, override] if override else [main]


def _read(folder: Path, name: str) -> str:
    text = context.read_text(folder, name)
    if len(text) > BYTES:
        raise CheckFailed(
            f"{name} is too large to be a compose file.", expected=f"at most {units.size(BYTES)}", found=units.size(len(text))
        )
    return text


def _read_or_empty(folder: Path, name: str) -> str:
    try:
        return _read(folder, name)
    except CheckFailed as error:
        if error.finding.message.endswith("is empty."):
            return ""
        raise


def _read_env(folder: Path) -> str:
    return _read_or_empty(folder, ".env") if os.path.lexists(folder / ".env") else ""


def _documents(name: str, text: str) -> list[yaml.Node]:
    """The nodes of a file; all documents of it, since compose merges them."""
    try:
        # Not the loader in C: it would overflow its stack on deep nesting, and end the grader.
        found = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        number = mark.line + 1 if mark else 1
        lines = text.splitlines()
        line = lines[number - 1] if number <= len(lines) else ""
        advice = "YAML is indented with spaces; a tab is not allowed there." if "\t" in line else ""
        raise CheckFailed(
            f"{name} is not valid YAML.",
            expected="YAML that compose can read",
            found=f"{error.problem or 'a mistake'}, in line {number}: {line.strip()[:120]}",
            advice=advice or "Look at this line and the one above it: indentation, colons, quotes, brackets.",
        ) from None
    except yaml.YAMLError as error:
        raise CheckFailed(
            f"{name} is not valid YAML.", expected="YAML that compose can read", found=str(error).splitlines()[0]
        ) from None
    except RecursionError:
        raise CheckFailed(
            f"{name} is nested too deeply.", expected="YAML that compose can read", found="hundreds of levels"
        ) from None
    return found


def _entries(node: yaml.Node, budget: list[int] | None = None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Key → (key's node, value's node) of a mapping, with what ``<<`` brings in; empty for anything else."""
    budget = budget if budget is not None else [_MERGED]
    if not isinstance(node, yaml.MappingNode):
        return {}
    own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.value != "<<":
            own[str(key.value)] = key, value
            continue
        for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            budget[0] -= 1
            if budget[0] < 0:
                raise CheckFailed("Your compose file merges too many anchors.", expected="a handful", found="over a thousand")
            for name, pair in _entries(one, budget).items():
                merged.setdefault(name, pair)
    return merged | own


def _deepest(document: yaml.Node, path: Path_) -> tuple[int, int | None]:
    """How many steps of a path a document knows, and the line (from 1) of the last of them."""
    node, line = document, None
    for depth, step in enumerate(path):
        if isinstance(step, int):
            if not isinstance(node, yaml.SequenceNode) or step >= len(node.value):
                return depth, line
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            pair = _entries(node).get(step)
            if pair is None:
                return depth, line
            node, line = pair[1], pair[0].start_mark.line + 1
    return len(path), line
