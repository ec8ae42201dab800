import inspect

import pytest

import grader
from grader.checks.container import Container
from grader.checks.context import BuildContext
from grader.checks.exec_result import ExecResult
from grader.checks.http import Response
from grader.checks.image import Image
from grader.checks.lint import LintResult
from grader.checks.volume import Volume
from grader.checks.work import Work


def test_what_an_exercise_may_import() -> None:
    assert grader.__all__ == sorted(grader.__all__, key=lambda name: (name[0].islower(), not name.isupper(), name))
    assert {"GB", "KB", "MB", "Check", "Exercise", "Limits", "Outcome", "Report"} <= set(grader.__all__)
    for name in grader.__all__:
        assert getattr(grader, name) is not None


VOCABULARY: dict[type, set[str]] = {
    Work: {"build", "compose", "folder", "lint", "sent", "session", "text", "with_files"},
    BuildContext: {"expect_at_most", "expect_lacks", "files", "matching", "size"},
    Volume: {"expect", "files", "read"},
    Image: {
        "config",
        "env",
        "expect_efficient",
        "expect_env",
        "expect_label",
        "expect_lacks",
        "expect_nowhere",
        "expect_same",
        "expect_size",
        "expect_workdir",
        "files",
        "labels",
        "layers",
        "left_out",
        "run",
        "size",
        "start",
        "steps",
        "volume",
        "workdir",
    },
    Container: {
        "exec",
        "expect_cannot_write",
        "expect_file",
        "expect_healthy",
        "expect_log",
        "expect_main_process",
        "expect_no_zombies",
        "expect_running",
        "expect_unhealthy",
        "health",
        "http",
        "kill",
        "logs",
        "read",
        "stop",
        "wait",
    },
    Response: {"expect", "headers", "json", "status", "text"},
    LintResult: {"complaints", "expect_quiet", "file", "text"},
    ExecResult: {"exit_code", "expect", "output"},
}


@pytest.mark.parametrize(("kind", "names"), VOCABULARY.items(), ids=[kind.__name__ for kind in VOCABULARY])
def test_the_vocabulary_of_checks_is_there(kind: type, names: set[str]) -> None:
    known = set(dir(kind)) | set(inspect.signature(kind).parameters) | set(getattr(kind, "__annotations__", {}))
    assert names <= known


@pytest.mark.parametrize("kind", VOCABULARY, ids=[kind.__name__ for kind in VOCABULARY])
def test_every_word_of_it_is_documented(kind: type) -> None:
    undocumented = [
        name
        for of in kind.__mro__[:-1]
        for name, member in vars(of).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property)) and not inspect.getdoc(member)
    ]
    assert not undocumented
