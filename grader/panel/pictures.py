"""Which pictures there are of a learner's work, and the size that they are measured against."""

import json
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from grader import settings
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.engine import images
from grader.engine.build import buildx
from grader.engine.session import Session
from grader.progress import Attempt, fingerprint
from grader.values.errors import GraderError, UsageError
from grader.values.events import EngineObserved, Event, ImageBuilt, StackObserved

Theme = Literal["light", "dark"]

_TITLES: Final = {
    "layers": "Layers of your image",
    "timeline": "What the build spent its time on",
    "stack": "Your stack",
    "left": "What your commands left",
    "history": "Your attempts",
}
_LEAST_TRIES: Final = 2


def available(seen: Sequence[Event], attempts: Sequence[Attempt], reference_size: int | None) -> list[dict[str, Any]]:
    """Return the pictures that there is data for: name, title, and what changes when the picture does.

    Args:
        seen: events of the last run.
        attempts: at the exercise.
        reference_size: bytes of the reference's image, once they are known.
    """
    images = [one for one in seen if isinstance(one, ImageBuilt)]
    there = {
        "layers": bool(images),
        "timeline": any(one.steps for one in images),
        "stack": any(isinstance(one, StackObserved) for one in seen),
        "left": any(isinstance(one, EngineObserved) for one in seen),
        "history": len(attempts) >= _LEAST_TRIES,
    }
    version = {"layers": reference_size, "history": len(attempts)}
    return [{"name": name, "title": title, "version": version.get(name)} for name, title in _TITLES.items() if there[name]]


def draw(
    name: str, seen: Sequence[Event], attempts: Sequence[Attempt], reference_size: int | None, theme: Theme
) -> dict[str, Any]:
    """Draw one.

    Raises:
        UsageError: there is no such picture, or nothing to draw.
    """
    from grader import pictures  # noqa: PLC0415 - matplotlib takes a second, and most runs draw nothing

    images = [one for one in seen if isinstance(one, ImageBuilt)]
    stacks = [one for one in seen if isinstance(one, StackObserved)]
    left = [one for one in seen if isinstance(one, EngineObserved)]
    drawings: dict[str, Callable[[], pictures.Picture]] = {}
    if images:
        mine = next((one for one in images if not one.changed), images[0])
        drawings["layers"] = lambda: pictures.layers(mine, reference_size=reference_size, theme=theme)
        drawings["timeline"] = lambda: pictures.timeline(pictures.builds(images), theme=theme)
    if stacks:
        drawings["stack"] = lambda: pictures.stack(stacks[-1], theme=theme)
    if left:
        drawings["left"] = lambda: pictures.left(left[0], theme=theme)
    if attempts:
        drawings["history"] = lambda: pictures.history(attempts, theme=theme)
    if name not in drawings:
        raise UsageError(f"There is no picture “{name}” of this exercise now. Check your work first.")
    return drawings[name]().as_object()


class ReferenceSize:
    """How large the reference's image is: something to hold one's own against. Measured when it is first asked for.

    Args:
        work: the learner's work folder.
        measured: called when the size is known, from another thread.

    Attributes:
        size: bytes; None while it is not known.
    """

    def __init__(self, work: Path, *, measured: Callable[[], None]) -> None:
        self._work, self._measured = work, measured
        self._lock = threading.Lock()
        self._asked = False
        self.size: int | None = None

    def measure(self, entry: Entry) -> None:
        """Begin to find out, once."""
        with self._lock:
            begun, self._asked = self._asked, True
        if not begun:
            threading.Thread(target=self._measure, args=(entry,), name="drydock-reference", daemon=True).start()

    def _measure(self, entry: Entry) -> None:
        self.size = reference_size(entry, self._work)
        self._measured()


def reference_size(entry: Entry, work: Path) -> int | None:
    """Bytes of the image that the reference solution builds; built once on this machine, then remembered.

    Args:
        entry: the exercise.
        work: the learner's work folder.

    Returns:
        None where it cannot be known: no reference is installed, it has no Dockerfile, or it does not build now.
    """
    if not (entry.reference / "Dockerfile").is_file():
        return None
    key = fingerprint(entry.folder, ("reference", "starter"))
    kept = settings.reference_size_file(work, entry.id)
    with suppress(OSError, ValueError, LookupError, TypeError):
        remembered = json.loads(kept.read_text(encoding="utf-8"))
        if remembered["of"] == key:
            return int(remembered["size"])
    try:
        with tempfile.TemporaryDirectory(prefix="drydock-reference-") as place, Session(entry.exercise.limits) as session:
            folder = Path(place) / entry.id
            catalogue.assemble(entry, entry.reference, folder)
            built = buildx.build(session, folder)
            size = images.inspect(session, built.image_id).size
    except GraderError:
        return None
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"of": key, "size": size}), encoding="utf-8")
    return size
