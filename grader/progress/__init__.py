"""What a learner has done so far: attempts, hints read, solutions opened; kept in their own work folder."""

from grader.progress.fingerprint import fingerprint
from grader.progress.ladder import Ladder
from grader.progress.store import Attempt, Best, Progress, Standing, score_before

__all__ = ["Attempt", "Best", "Ladder", "Progress", "Standing", "fingerprint", "score_before"]
