"""A learner's compose file as text: found, read with care, and its lines looked up for messages.

What a stack would do is judged by the output of ``docker compose config``, never by this module's reading. Here that is
refused of which the output would not tell any more: compose files from elsewhere, and YAML tags.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader.diagnose import typography
from grader.engine.build import context
from grader.values import units
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In compose's own order."""
OVERRIDES = ("compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml")
BYTES = 64 * units.KB
_MERGED = 1000
_FILES = 24
"""Compose files of one stack, with those that include and extends name."""
_TAGS = {
    *(("!!", kind) for kind in ("bool", "float", "int", "map", "null", "seq", "str")),
    (None, "!"),
    *(("!", own) for own in ("override", "reset")),
}
"""YAML's core ones, and compose's own."""
_COMPOSE_FILE = re.compile(r"^\s*(?:export\s+)?COMPOSE_FILE\s*=\s*[\"']?([^\"'#\n]+?)[\"']?\s*$", re.MULTILINE)
_ENV_FILES = re.compile(r"\s*(?:export\s+)?COMPOSE_ENV_FILES\b")
_SEPARATOR = re.compile(r"^\s*(?:export\s+)?COMPOSE_PATH_SEPARATOR\s*=\s*[\"']?(\S)[\"']?\s*$", re.MULTILINE)

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
        path: the keys that lead there.
    """

    what: str
    place: Place | None
    path: Path_ = ()

    def __str__(self) -> str:
        keys = ".".join(map(str, self.path))
        what = f"{self.what} ({keys})" if keys and keys not in self.what else self.what
        return f"{what}, {self.place}" if self.place else what


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
        asked: ``file``.
        texts: name → text, in the order in which they are merged; behind them those that include and extends name.

    Raises:
        CheckFailed: there is none, it cannot be read, is no YAML, or names other compose files.
    """

    def __init__(self, folder: Path, file: str | None = None) -> None:
        self.folder = folder
        self.asked = file
        env = _read_env(folder)
        self.texts = {name: _read(folder, name) for name in ([file] if file else _found(folder, env))}
        self._documents = [(name, node) for name, text in self.texts.items() for node in _documents(name, text)]
        elsewhere = list(self._follow())
        if refusals := [*self._further_env_files(env), *self._tags(), *elsewhere]:
            raise refused(refusals)

    @property
    def name(self) -> str:
        """The main file's name."""
        return next(iter(self.texts))

    def has(self, name: str) -> bool:
        """Whether a name is that of a file of the submission's."""
        return name in self.texts or (inside(self.folder, self.folder / name) and (self.folder / name).is_file())

    def place(self, path: Path_, file: str | None = None) -> Place | None:
        """The line that a place in the merged configuration comes from, or the nearest one around it; in one file, if given."""
        best: tuple[int, Place] | None = None
        for name, document in self._documents:
            if file in self.texts and name != file:
                continue
            depth, line = _deepest(document, path)
            if line is not None and (best is None or depth >= best[0]):
                best = depth, self.line(name, line)
        return best[1] if best else None

    def line(self, name: str, number: int) -> Place:
        """A line of a file by its number from 1."""
        text = self.texts.get(name)
        lines = (text if text is not None else _read_or_empty(self.folder, name)).splitlines() or [""]
        number = min(max(number, 1), len(lines))
        return Place(name, number, lines[number - 1])

    def odd_character(self, name: str) -> str:
        """Advice on the first character of a file that only looks like a space, a quote or a dash; empty for none."""
        text = self.texts.get(name)
        return typography.advice(text if text is not None else _read_or_empty(self.folder, name), name=name)

    @property
    def first_format(self) -> bool:
        """Whether services stand at the top of the main file, as in compose's first format."""
        tops = [_entries(document) for name, document in self._documents if name == self.name]
        found = [key for top in tops for key in top if key not in {"version", "name"}]
        services = [_entries(top[key][1]) for top in tops for key in top if key in found]
        return "services" not in found and bool(services) and all({"image", "build"} & one.keys() for one in services)

    def _further_env_files(self, env: str) -> Iterator[Refusal]:
        for number, line in enumerate(env.splitlines(), 1):
            if _ENV_FILES.match(line):
                yield Refusal("further files of settings (COMPOSE_ENV_FILES)", Place(".env", number, line))

    def _tags(self) -> Iterator[Refusal]:
        """Tags make of a text something that cannot be read in it."""
        for name, text in self.texts.items():
            for token in _tokens(text):
                if isinstance(token, yaml.DirectiveToken) and token.name == "TAG":
                    yield Refusal("a YAML directive (%TAG)", self.line(name, token.start_mark.line + 1))
                elif isinstance(token, yaml.TagToken) and tuple(token.value) not in _TAGS:
                    tag = "".join(part or "" for part in token.value)
                    yield Refusal(f"a YAML tag ({tag})", self.line(name, token.start_mark.line + 1))

    def _follow(self) -> Iterator[Refusal]:
        """Read the files that include and extends name, and those that they name; the submission's own alone."""
        # Compose sees these alone, too: where it finds one that is not found here, only its lines cannot be told.
        for name, document in self._documents:  # grows on the way
            for what, key, named, is_compose_file in _names_of_files(document):
                place = self.line(name, key.start_mark.line + 1)
                path = os.path.normpath(os.path.join(os.path.dirname(name), named))  # noqa: PTH118, PTH120 - as it is written
                if "$" in named:
                    yield Refusal(f"a file whose name holds a variable ({what})", place)
                elif named.startswith("/") or ":" in named or not inside(self.folder, self.folder / path):
                    yield Refusal(f"a file outside your folder ({what}: {named})", place)
                elif is_compose_file and path not in self.texts and (self.folder / path).is_file():
                    if len(self.texts) >= _FILES:
                        yield Refusal(f"more than {_FILES} compose files ({what})", place)
                        return
                    self.texts[path] = _read(self.folder, path)
                    self._documents += [(path, node) for node in _documents(path, self.texts[path])]


def _names_of_files(document: yaml.Node) -> Iterator[tuple[str, yaml.Node, str, bool]]:
    """What a document names by include and extends: by which key, its node, the name, and whether it is a compose file."""
    top = _entries(document)
    for node in _items(top["include"][1]) if "include" in top else ():
        about = _entries(node) or {"path": (node, node)}
        for key in ("path", "env_file", "project_directory"):
            for one in _items(about[key][1]) if key in about else ():
                if isinstance(one, yaml.ScalarNode):
                    yield "include", one, str(one.value), key == "path"
    for service, (_, about_it) in _entries(top["services"][1]).items() if "services" in top else ():
        extends = _entries(about_it).get("extends")
        file = _entries(extends[1]).get("file") if extends else None
        if file and extends and isinstance(file[1], yaml.ScalarNode):
            yield f"services.{service}.extends", extends[0], str(file[1].value), True


def _items(node: yaml.Node) -> list[yaml.Node]:
    """The items of a list; of anything else, itself."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def inside(folder: Path, path: Path) -> bool:
    """Whether a path, all links followed, lies in a folder or is it."""
    return Path(os.path.realpath(path)).is_relative_to(Path(os.path.realpath(folder)))


def told(folder: Path | str, path: Path | str, home: str = "") -> str:
    """A path outside a folder as the learner may have written it: where our copy of their folder is, is nothing to them.

    Args:
        folder: where the copy is.
        path: the one outside.
        home: what ``~`` stood for; empty where nothing did.
    """
    forms = [str(path), os.path.relpath(path, folder)]
    if home and Path(path).is_relative_to(home):
        forms.append(str(Path("~", os.path.relpath(path, home))))
    return min(forms, key=len)


def _found(folder: Path, env: str) -> list[str]:
    if named := _COMPOSE_FILE.search(env):
        separator = _SEPARATOR.search(env)
        return [os.path.normpath(one) for one in named[1].split(separator[1] if separator else ":")]
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
        advice = typography.advice(text, name=name)
        advice = advice or ("YAML is indented with spaces; a tab is not allowed there." if "\t" in line else "")
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


def _tokens(text: str) -> Iterator[yaml.Token]:
    """A file's tokens, as far as it is YAML."""
    with suppress(yaml.YAMLError):
        yield from yaml.scan(text, Loader=yaml.SafeLoader)


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
