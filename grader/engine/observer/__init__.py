"""Looking at an engine as it changes: one stream of events, and the state that matters; it changes nothing itself."""

from grader.engine.observer.events import Happening
from grader.engine.observer.observer import Observer, Update
from grader.engine.observer.snapshot import Change, ImageRow, Snapshot, compare, shared_layers

__all__ = ["Change", "Happening", "ImageRow", "Observer", "Snapshot", "Update", "compare", "shared_layers"]
