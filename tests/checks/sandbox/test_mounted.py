"""What a container has mounted, and what it can do to a folder of the learner's."""

import pytest

from grader.checks.sandbox import words
from grader.checks.sandbox.state import SandboxState
from grader.engine.inspect import Mount
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.verdicts import Ask, Unmet

UNMET: Unmet = {
    "may write": (
        lambda sandbox: sandbox.container("writer").expect_reads_folder("settings", at="/settings"),
        "writer can change your folder settings: it could make a file in it",
        "A mount can be written to unless you say otherwise",
    ),
    "may write, whatever the permissions": (
        lambda sandbox: sandbox.container("permitted").expect_reads_folder("closed", at="/settings"),
        "permitted can change your folder closed: it could make a file in it",
        "Permissions do not keep root out.",
    ),
    "may write beside a file that it may not": (
        lambda sandbox: sandbox.container("patched").expect_reads_folder("settings", at="/settings"),
        "patched can change your folder settings: it could make a file in it",
        "/settings/units has a mount of its own.",
    ),
    "may write, where a folder above is": (
        lambda sandbox: sandbox.container("twice").expect_reads_folder("settings", at="/settings"),
        "twice can change your folder settings in another way: /desk/settings",
        "we could make a file in it",
    ),
    "may write to a file of it, elsewhere": (
        lambda sandbox: sandbox.container("beside").expect_reads_folder("settings", at="/settings"),
        "beside can change your folder settings in another way: /etc/units",
        "we could write to it",
    ),
    "a file, and not the folder": (
        lambda sandbox: sandbox.container("piecemeal").expect_reads_folder("settings", at="/settings"),
        "piecemeal does not see your folder settings: at /settings it has one of its own",
        "below it /settings/units",
    ),
    "a copy": (
        lambda sandbox: sandbox.container("copyist").expect_reads_folder("settings", at="/settings"),
        "copyist has a copy of your folder settings",
        "at /settings there is the volume copied",
    ),
    "an empty volume": (
        lambda sandbox: sandbox.container("mistaken").expect_reads_folder("settings", at="/settings"),
        "mistaken does not see your folder settings",
        "A name without a slash is the name of a volume.",
    ),
    "nothing": (
        lambda sandbox: sandbox.container("near").expect_reads_folder("settings", at="/settings"),
        "near does not see your folder settings",
        "at /settings there is nothing mounted; no such folder",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)


@pytest.mark.engine
@pytest.mark.slow
def test_a_folder_that_is_only_read(sandbox: SandboxState) -> None:
    sandbox.container("reader").expect_reads_folder("settings", at="/settings")
    assert sandbox.file("settings/units").text.startswith("changed by the checks")


WHY: dict[str, tuple[str, str, str]] = {
    "nothing there": ("near", "/data", "nothing is mounted there"),
    "a folder": ("reader", "/settings", "At /settings there is a folder."),
    "another volume": ("copyist", "/settings", "At /settings there is the volume copied. Names are compared"),
    "no name": ("mistaken", "/data", "At /data there is a volume without a name"),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("name", "at", "advice"), WHY.values(), ids=list(WHY))
def test_why_what_is_written_does_not_end_up_in_a_volume(sandbox: SandboxState, name: str, at: str, advice: str) -> None:
    assert advice in sandbox.container(name).why_not_in("data", at)
    assert "mounted so that it can only be read" in sandbox.container("copyist").why_not_in("copied", "/settings")
    assert sandbox.container("keeping").why_not_in("data", "/data") == ""


def test_mounts_are_told_in_words() -> None:
    assert words.mounted(None) == "nothing mounted"
    assert words.mounted(Mount("bind", "", "/here", "/there", True)) == "a folder"
    assert words.mounted(Mount("tmpfs", "", "", "/there", True)) == "something in memory"
    assert words.mounted(Mount("volume", "data", "", "/there", True)) == "the volume data"
    assert words.mounted(Mount("volume", "f" * 64, "", "/there", True)) == "a volume without a name"
