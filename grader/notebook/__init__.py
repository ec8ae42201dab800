"""What a notebook of the course calls, and how nbgrader releases and grades one."""

__all__ = ["points", "prepare"]


def points(check_id: str) -> float:
    """Check the notebook's folder, show the verdict on one check and return its points.

    Args:
        check_id: the check's function name in ``checks.py``.

    Raises:
        NotGraded: the grader or the engine failed; nothing is scored.
    """
    # Late, because nbgrader's configuration imports this package, too, and needs no engine for it.
    from grader.notebook.grading import points as graded_points  # noqa: PLC0415

    return graded_points(check_id)


def prepare(*, remove: bool = False) -> None:
    """Make what the notebook's exercise begins with on the learner's engine, and say what is there; each time again.

    Args:
        remove: only remove what an earlier call has made.

    Raises:
        NotPrepared: the engine failed, or a name is taken; the sentence says what to do.
    """
    from grader.notebook.grading import prepare as prepare_exercise  # noqa: PLC0415 - as above

    prepare_exercise(remove=remove)
