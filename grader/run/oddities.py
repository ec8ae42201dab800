"""What a reader of a report should know of a learner's files: characters and line endings that only look right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.diagnose import typography
from grader.workspace.watch import look

_BYTES: Final = 100_000
_MOST: Final = 3
_FILES: Final = 1_000
_SUFFIXES: Final = {".sh", ".yaml", ".yml", ".env"}
_NAMES: Final = {"Dockerfile", ".dockerignore", ".env"}


def oddities(folder: Path) -> tuple[str, ...]:
    """A sentence for each of the first few.

    Args:
        folder: the submission.
    """
    return tuple(sentence for sentence, _ in zip(_found(folder), range(_MOST), strict=False))


def _found(folder: Path) -> Iterator[str]:
    for file in (Path(one[0]) for one in look(folder)[:_FILES]):
        text, name = _text(file), file.relative_to(folder).as_posix()
        script = text.startswith("#!")
        if not (script or file.suffix in _SUFFIXES or file.name in _NAMES):
            continue
        if "\r\n" in text and (script or file.suffix == ".sh"):
            yield (
                f"The lines of {name} end as on Windows (CR LF): in a container the CR belongs to the last word of each line, "
                "and to the name of the program in its first. Save it with the line ending LF."
            )
        if said := typography.advice(text, name=name):
            yield said


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _BYTES:
            return ""
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
