"""Puts the starter beside the released notebook, and keeps the checks back: nbgrader's ``post_convert_hook`` for a release.

The command line and the *Generate* button of formgrader both end up here.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from grader import settings
from grader.course import layout

_PLAIN = 0o644
_EXECUTABLE = 0o755


def put_starter(*, notebooks: Sequence[str], **_: Any) -> None:
    """Copy the starter of the exercise that has just been released into its release folder; take its checks out of it.

    In a learner's folder they would be read, edited, and copied into images.
    Execute bits come back here, because nbgrader sets every released file to mode 644.

    Args:
        notebooks: paths of the master notebooks that were converted; all of one exercise.
        _: the other arguments that nbgrader passes (the assignment may be a pattern there, so it is of no use).

    Raises:
        SystemExit: the source folder must not be released. nbgrader only logs any other exception of a hook, and
            would leave an exercise without its files behind.
    """
    for notebook in notebooks:
        source = Path(notebook).parent
        released = source.parent.parent / settings.released() / source.name
        starter = source / layout.STARTER
        if stray := layout.misplaced(source):
            _refuse(released, f"{source.name}: {', '.join(stray)} would replace the learner's file of that name.")
        if not starter.is_dir():
            _refuse(released, f"{source.name}: there is no folder {layout.STARTER}.")
        if wrongs := layout.unreleasable(starter):
            _refuse(released, f"{source.name}/{layout.STARTER}: {' '.join(wrongs)}")
        (released / layout.DEFINITION).unlink(missing_ok=True)
        for path in sorted(starter.rglob("*")):
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            target = released / path.relative_to(starter)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(_EXECUTABLE if path.stat().st_mode & 0o100 else _PLAIN)


def _refuse(released: Path, sentence: str) -> NoReturn:
    shutil.rmtree(released, ignore_errors=True)
    raise SystemExit(f"Nothing was released. {sentence}")
