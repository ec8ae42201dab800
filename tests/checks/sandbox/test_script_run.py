"""What is said of the things that commands left behind, and of those that they did not."""

from typing import Any, cast

import pytest

from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.script_run import ScriptRun
from grader.checks.sandbox.state import SandboxState
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.verdicts import Ask, Unmet

FOUND: dict[str, tuple[Ask, object]] = {
    "another name": (lambda sandbox: sandbox.renamed("before"), "after"),
    "the same name": (lambda sandbox: sandbox.renamed("web"), None),
    "an image from before": (lambda sandbox: sandbox.given["toy:latest"].id == sandbox.image("toy").about.id, True),
    "what the commands wrote": (lambda sandbox: sandbox.output.expect(contains="docker network create lab").of, ""),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(sandbox: SandboxState, ask: Ask, wanted: object) -> None:
    assert ask(sandbox) == wanted


UNMET: Unmet = {
    "removed by itself": (lambda sandbox: sandbox.container("brief"), "no container called brief", "with --rm, by itself"),
    "removed": (lambda sandbox: sandbox.volume("thrown"), "no volume called thrown", "one of your commands removed it"),
    "another spelling": (lambda sandbox: sandbox.volume("Data"), "no volume called Data", "letter by letter: you have data."),
    "no tag": (lambda sandbox: sandbox.image("toy:1.0"), "no image called toy:1.0", "Docker takes latest"),
    "no name": (lambda sandbox: sandbox.container("nobody"), "no container called nobody", "Docker makes one up"),
    "volumes without a name": (lambda sandbox: sandbox.volume("nothing"), "nothing", "volumes without a name"),
    "one too many": (
        lambda sandbox: sandbox.expect_only_containers("web"),
        "after and beside and",
        "Each docker run makes a new container.",
    ),
    "still there": (
        lambda sandbox: sandbox.expect_gone("container", "web"),
        "web is still there when your commands are done: it is running",
        "a container called web; it is running",
    ),
    "a new name": (lambda sandbox: sandbox.expect_gone("container", "before"), "still there, under another name", "after"),
    "another output": (
        lambda sandbox: sandbox.output.expect(contains="good bye", message="They did not say it."),
        "They did not say it.",
        "docker",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)


@pytest.mark.engine
@pytest.mark.slow
def test_nothing_is_advised_where_nothing_is_known(sandbox: SandboxState) -> None:
    assert verdicts.finding(sandbox, lambda sandbox: sandbox.volume("nothing")).advice == ""


def _run(output: str) -> ScriptRun:
    said = ExecResult(what="your commands", exit_code=1, stdout=output, stderr="", duration_s=0)
    return ScriptRun(cast(Any, None), said, Facts("x", "99-toy"), {}, {})


def test_data_among_what_commands_said_is_not_shown() -> None:
    said = (
        "$ docker save toy\n\x00\ufffd\ufffd\x01\n\ufffd0644\ufffd\ufffd\n$ docker ps\n\nsch\xf6n \u2026 \ufffd, all the same\n"
    )
    shown = _run(said).evidence().text
    assert shown == "$ docker save toy\n(data, not text)\n$ docker ps\n\nsch\xf6n \u2026 \ufffd, all the same"


def test_what_the_commands_said_explains_more_than_what_is_there() -> None:
    run = _run("$ docker rm draft relic\nrelic\nError: stop the container before removing\n$ docker run spare\nspare\n")
    seen = CheckFailed("m", expected="e", found="f", advice="own")
    assert run.explained(seen, "draft").finding.advice == run.advice("draft") != ""
    assert run.explained(seen, "spare").finding.advice == "own"
    assert run.explained(seen.but(advice="better"), "spare").finding.advice == "better"
    assert run.explained(seen.but(expected="other")).finding.expected == "other"
