"""What course platforms give: one archive with everybody's."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from grader.workspace import hand_in

from . import toy

MOODLE = "{}_{}_assignsubmission_file_"


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """A zip of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def handed_in(scratch: Path, learner: str, dockerfile: str, *, notebook: bool = True) -> hand_in.Packed:
    """What a learner's lab gives them."""
    folder = scratch / learner / toy.ID
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile)
    (folder / "hello.sh").write_text(toy.SCRIPT)
    (folder / "hello.sh").chmod(0o755)
    if notebook:
        (folder / f"{toy.ID}.ipynb").write_text(toy.notebook())
    return hand_in.pack(folder, learner, datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))


def moodle(scratch: Path) -> bytes:
    """As Moodle gives it: Ada and Bob by *Hand in*, Cleo as files."""
    ada, bob = handed_in(scratch, "ada", toy.REFERENCE), handed_in(scratch, "bob", toy.WRONG, notebook=False)
    return zipped({
        f"{MOODLE.format('Ada Lovelace', 101)}/{ada.name}": ada.content,
        f"{MOODLE.format('Bob Baker', 102)}/{bob.name}": bob.content,
        f"{MOODLE.format('Cleo Clark', 103)}/Dockerfile": toy.REFERENCE,
        f"{MOODLE.format('Cleo Clark', 103)}/hello.sh": toy.SCRIPT,
    })  # fmt: skip
