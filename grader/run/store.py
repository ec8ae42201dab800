"""Results of earlier runs, by the key of all that they depend on: a file each, whole or not there at all."""

import hashlib
import json
import os
import tempfile
import time
import types
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

from grader import settings
from grader.run.inputs import Inputs
from grader.run.job import Job
from grader.values.errors import Fault
from grader.values.outcome import Report

KEPT_SECONDS: Final = 30 * 24 * 3600
"""A result that nobody has asked for in this time is removed."""


class Store:
    """A folder of results. Nothing in it is needed: whatever is damaged, missing or cannot be written costs a run.

    Args:
        folder: need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pruned = False

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]

    def get(self, key: str) -> Report | None:
        """Return a result; None where there is none. One that is not as it was written is removed."""
        path = self._path(key)
        try:
            written = path.read_bytes()
        except OSError:
            return None
        try:
            digest, _, payload = written.partition(b"\n")
            if digest.decode() != hashlib.sha256(payload).hexdigest():
                raise ValueError("damaged")
            said = json.loads(payload)
            if said["key"] != key:
                raise ValueError("another's")
            report: Report = _read(Report, said["report"])
        except (ValueError, LookupError, TypeError):
            path.unlink(missing_ok=True)
            return None
        with suppress(OSError):
            os.utime(path)  # it is still asked for
        return report

    def put(self, key: str, report: Report) -> bool:
        """Keep a result; one that the grader or the engine failed to find is none.

        Returns:
            Whether it is kept.
        """
        if report.failed_to_grade:
            return False
        payload = json.dumps({"key": key, "report": asdict(report)}).encode(errors="surrogatepass")
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._prune()
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
                try:
                    file.write(hashlib.sha256(payload).hexdigest().encode() + b"\n" + payload)
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).replace(path)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            _sync(path.parent)
        except OSError:
            return False
        return True

    def _prune(self) -> None:
        if self._pruned:
            return
        self._pruned = True
        for path in self._folder.glob("*/*"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()


def _sync(folder: Path) -> None:
    """Have a new name in a folder on the disk as well."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _read(kind: Any, said: Any) -> Any:
    """Make plain data again what ``asdict`` and JSON have made lists and dictionaries.

    Args:
        kind: the type that it had; of those that a report is made of.
        said: from JSON.

    Raises:
        ValueError, LookupError, TypeError: it is not of that type.
    """
    if isinstance(kind, types.UnionType):  # something or None
        return None if said is None else _read(next(one for one in get_args(kind) if one is not types.NoneType), said)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in said)
    if is_dataclass(kind):
        kinds = get_type_hints(kind)
        return kind(**{name: _read(kinds[name], value) for name, value in said.items()})  # type: ignore[operator]
    return kind(said) if isinstance(kind, type) and issubclass(kind, Enum) else said


@dataclass(frozen=True)
class Asked:
    """A result and where it is from.

    Attributes:
        report: the result.
        earlier: whether an earlier run found it.
        keep: keeps it, once the caller knows that it is as it should be; nothing where it is kept already.
    """

    report: Report
    earlier: bool
    keep: Callable[[], None]


class Results:
    """Asks the store before a run, and keeps what a run has found.

    Args:
        store: of earlier results.
        inputs: makes the keys.
        fresh: earlier results do not count; new ones are kept all the same.
    """

    def __init__(self, store: Store, inputs: Inputs, *, fresh: bool = False) -> None:
        self._store, self._inputs, self._fresh = store, inputs, fresh

    @classmethod
    def of_this_user(cls, *, fresh: bool = False) -> "Results":
        """Return the results in the user's cache folder; $DRYDOCK_FRESH counts as well."""
        return cls(Store(settings.results_folder()), Inputs(), fresh=fresh or settings.fresh())

    def afresh(self) -> "Results":
        """Return the same, for a run whose earlier result will not do; what it finds takes that one's place."""
        return Results(self._store, self._inputs, fresh=True)

    def ask(self, job: Job, run: Callable[[], Report], *, number: int = 1) -> Asked:
        """Return the result of a job.

        Args:
            job: what is to be run.
            run: runs it, where no earlier result will do.
            number: which repetition it is.

        Raises:
            Exception: what ``run`` raises.
        """
        key = self._inputs.key(job, number)
        if key is not None and not self._fresh and (report := self._store.get(key)) is not None:
            return Asked(replace(report, submission=str(job.submission)), True, lambda: None)
        report = run()
        # What has changed while it ran, the run may have seen before or after: such a result is nobody's.
        try:
            same = key == self._inputs.key(job, number)
        except Fault:
            same = False

        def keep() -> None:
            if key is not None and same:
                self._store.put(key, report)

        return Asked(report, False, keep)
