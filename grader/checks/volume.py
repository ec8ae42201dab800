"""A named volume of a run, and what to expect in it."""

from grader.engine import containers, files
from grader.engine.files import StoredFile
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

_SHOWN = 20


class Volume:
    """A volume; it goes with the run. Containers get it by ``volumes={name: path}``.

    Args:
        session: the run.
        name: within the run.
    """

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.id = containers.volume(session, name)

    def files(self) -> tuple[StoredFile, ...]:
        """Its ordinary files with owners and contents, sorted by path."""
        return files.read_volume(self.session, self.id)

    def read(self, path: str) -> bytes:
        """One of its files.

        Raises:
            CheckFailed: it is not there; says what is.
        """
        found = self.files()
        for one in found:
            if one.path == path.lstrip("/"):
                return one.content
        raise CheckFailed(
            f"There is no {path.lstrip('/')} in the volume.",
            expected=f"a file {path.lstrip('/')}",
            found=f"{len(found)} files" if found else "an empty volume",
            evidence=Evidence("files in the volume", "\n".join(_row(one) for one in found[:_SHOWN]) or "(none)"),
        )

    def expect(self, path: str, *, contains: str | None = None, uid: int | None = None) -> None:
        """A file is in it.

        Args:
            path: below the volume's top.
            contains: somewhere in its text.
            uid: its owner.
        """
        text = self.read(path).decode("utf-8", "replace")
        if contains is not None and contains not in text:
            raise CheckFailed(
                f"{path} is in the volume, but does not hold what it should.",
                expected=f"somewhere in it: {contains}",
                found=text[-400:] or "an empty file",
            )
        if uid is not None:
            owner = next(one.uid for one in self.files() if one.path == path.lstrip("/"))
            if owner != uid:
                raise CheckFailed(
                    f"{path} in the volume belongs to another user.",
                    expected=f"a file of the user with the number {uid}",
                    found=f"a file of the user with the number {owner}",
                )


def _row(one: StoredFile) -> str:
    return f"{one.mode:04o} {one.uid}:{one.gid} {len(one.content):>9} {one.path}"
