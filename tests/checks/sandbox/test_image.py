"""What is in an image that commands left behind, where it comes from, and where it has been."""

import pytest

from grader.checks.sandbox.state import SandboxState
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.verdicts import Ask, Unmet

FOUND: dict[str, tuple[Ask, object]] = {
    "a file": (lambda sandbox: sandbox.image("built").read("/www/index.html"), "hello\n"),
    "a file of an image without programs": (lambda sandbox: sandbox.image("programless").read("/kept"), "by the exercise\n"),
    "a file that a later layer removes": (lambda sandbox: sandbox.image("built").read("/key"), None),
    "a folder is no file": (lambda sandbox: sandbox.image("built").read("/www"), None),
    "an image itself": (lambda sandbox: sandbox.comes_from("toy", "toy:latest"), True),
    "made on top": (lambda sandbox: sandbox.comes_from("built", "toy"), True),
    "made below": (lambda sandbox: sandbox.comes_from("toy", "built"), False),
    "an image that is gone": (lambda sandbox: sandbox.comes_from("gone", "toy"), True),
    "an image that ran": (lambda sandbox: sandbox.expect_ran("toy"), None),
    "the very image": (lambda sandbox: sandbox.image("toy").expect_is("toy:latest").name, "toy"),
    "gone and back": (lambda sandbox: sandbox.image("programless").expect_came_back().name, "programless"),
    "a text": (
        lambda sandbox: sandbox.image("programless").expect_file("/kept", matches="by .*", what="a text").name,
        "programless",
    ),
    "what it runs": (lambda sandbox: sandbox.image("built").run("echo", "hello").expect(output="hello").exit_code, 0),
    "not in the image": (lambda sandbox: sandbox.image("built").expect_nowhere("key-in-nothing", "the key").name, "built"),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(sandbox: SandboxState, ask: Ask, wanted: object) -> None:
    assert ask(sandbox) == wanted


UNMET: Unmet = {
    "a lower layer": (
        lambda sandbox: sandbox.image("built").expect_nowhere("key-in-a-layer", "the key"),
        "The key is in the image built, in a lower layer",
        "is still in the layer that had it",
    ),
    "a variable": (
        lambda sandbox: sandbox.image("built").expect_nowhere("key-in-a-variable", "the key"),
        "The key is in the image built, in a variable",
        "the container's variables",
    ),
    "the history": (
        lambda sandbox: sandbox.image("built").expect_nowhere("key-in-the-history", "the key"),
        "The key is in the image built, in its history",
        "docker history",
    ),
    "a label": (
        lambda sandbox: sandbox.image("telling").expect_nowhere("key-in-a-label", "the key"),
        "in its settings, a label perhaps",
        "docker inspect",
    ),
    "a file": (
        lambda sandbox: sandbox.image("telling").expect_nowhere("key-in-a-file", "the key"),
        "The key is in the image telling, in a file",
        "kept",
    ),
    "base64": (
        lambda sandbox: sandbox.image("telling").expect_nowhere("key-in-base64", "the key"),
        "The key is in the image telling, as base64 in a file",
        "do not protect it",
    ),
    "no file": (
        lambda sandbox: sandbox.image("toy").expect_file("/none", matches=".*", what="a text"),
        "The image toy has no file /none",
        "It is the image toy:latest under another name.",
    ),
    "a file in a volume": (
        lambda sandbox: sandbox.image("built").expect_file("/settings/units", matches=".*", what="a text"),
        "has no file /settings/units",
        "belongs neither to the container nor to its image",
    ),
    "another text": (
        lambda sandbox: sandbox.image("programless").expect_file("/kept", matches="of .*", what="a text"),
        "has something else in its file /kept",
        "by the exercise",
    ),
    "another image": (
        lambda sandbox: sandbox.image("built").expect_is("toy:latest"),
        "built is another image than the one that was called toy:latest",
        "an image with the id",
    ),
    "an image that never ran": (lambda sandbox: sandbox.expect_ran("built"), "No container made from built", "toy"),
    "only a name was taken away": (
        lambda sandbox: sandbox.image("toy").expect_came_back(),
        "The image never left the engine",
        "a name given, then a name taken away A name was taken away, but the image had another one left.",
    ),
    "another image was deleted": (
        lambda sandbox: sandbox.image("telling").expect_came_back(),
        "The image never left the engine",
        "An image was deleted, but it was another one.",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)
