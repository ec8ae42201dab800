"""What the runner asks of a check's value before other checks work on it, and after one of them has failed."""

from typing import Protocol, runtime_checkable

from grader.values.errors import CheckFailed, LimitReached


@runtime_checkable
class Subject(Protocol):
    """Something of the learner's that checks work on: the folder, an image, a container, a stack, a service, a sandbox.

    A check may return anything else as well (a file's text, numbers, a tuple): the runner only hands that on.
    """

    @property
    def exclusive(self) -> bool:
        """Whether only one check may use it at a time, because a check may stop or change it."""

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:
        """Say whether the work reached one of its limits, and so failed.

        Args:
            error: how a check that worked on it failed.

        Returns:
            What the learner should read instead; None when the failure stands.

        Raises:
            Fault: nobody can tell, because the engine does not answer.
        """
