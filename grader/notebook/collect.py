"""nbgrader's collect, without following a link: it copies as the instructor, who may read more than learners."""

from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import is_ignored

from grader.workspace import handed_in


class CollectFiles(ExchangeCollect):
    """Copies ordinary files. What else there is leaves a link to nowhere that says why, and autograde refuses it by name."""

    coursedir: Any  # nbgrader's; typed as optional, and never None here

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:  # noqa: ARG002 - nbgrader's signature
        """Copy one submission; see nbgrader's ``Exchange``."""
        source, target = Path(src), Path(dest)
        found = handed_in.look(source)
        target.mkdir(parents=True)
        files = tuple(one for one in found.files if not is_ignored(str(source / one), self.coursedir.ignore))
        refused = found.refused
        try:
            handed_in.copy(source, files, target)
        except OSError as error:  # one that may not be read, say: the others are collected all the same
            refused = (*refused, f"It cannot be read: {error.strerror or error}.")
        handed_in.leave_out(target, refused)
        for reason in refused:
            self.log.warning("%s: %s", src, reason)
