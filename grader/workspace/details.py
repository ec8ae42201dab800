"""Keeping what only the grader's maintainers can read, a traceback, out of a learner's sight and within reach."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from grader import settings


def write_details(work: Path | None, text: str) -> Path:
    """Write a text into a file of its own, and return where: in the work folder if that can be written.

    Args:
        work: the learner's work folder, where it is known.
        text: e.g. a traceback.
    """
    name = f"stumble-{datetime.now(UTC).strftime('%Y%m%d-%H%M%S-%f')}.txt"
    for folder in (settings.state_folder(work) if work else None, Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return folder / name
    return Path("(nowhere: no folder is writable)")
