"""Pictures of what a learner made: pure functions of data; each also as a sentence and as a table."""

from grader.pictures.bars import bars
from grader.pictures.history import history
from grader.pictures.layers import layers
from grader.pictures.left import left
from grader.pictures.picture import Picture
from grader.pictures.stack import stack
from grader.pictures.timeline import builds, timeline

__all__ = ["Picture", "bars", "builds", "history", "layers", "left", "stack", "timeline"]
