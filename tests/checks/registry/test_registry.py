"""A registry in the sandbox, on the real engine: what is found in it, and what is said of what is not as it should be."""

from collections.abc import Callable, Iterator

import pytest

from grader.checks.registry import diary
from grader.checks.registry.registry import Registry
from grader.checks.registry.round_trip import RoundTrip
from grader.checks.sandbox.state import SandboxState
from grader.checks.setup import Setup
from grader.checks.work import Work
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from tests import core

pytestmark = [pytest.mark.engine, pytest.mark.slow]

PORT = 5001
HERE = f"localhost:{PORT}"
GIVEN = ("there", "unrun", "partly", "lost", "archived", "gone", "elsewhere", "changed", "moved")
"""Images that the commands begin with, each with the tag 1."""
COMMANDS = f"""\
docker run -d --name other -p 5002:5000 registry:2
docker run --rm toy:1
for name in {" ".join(GIVEN)}; do docker tag $name:1 {HERE}/$name:1; docker push -q {HERE}/$name:1; done

# An image under several tags, and images that are nearly the same
for tag in 1 same; do docker tag toy:1 {HERE}/team/toy:$tag; docker push -q {HERE}/team/toy:$tag; done
printf 'FROM toy:1\\nLABEL colour=blue\\n' | docker build -q -t {HERE}/team/toy:labelled --push -
printf 'FROM toy:1\\nRUN echo >/more\\n' | docker build -q -t {HERE}/team/toy:above --push -
docker tag busybox {HERE}/team/toy:foreign; docker push -q {HERE}/team/toy:foreign
docker manifest create --insecure {HERE}/team/toy:list {HERE}/team/toy:1
docker manifest push --insecure {HERE}/team/toy:list

# An image that has lost a layer; the registry remembers what it had until it is started again
printf 'FROM busybox\\nRUN echo $RANDOM >/own\\n' | docker build -q -t {HERE}/broken:1 --push -
layer=$(docker manifest inspect --insecure {HERE}/broken:1 | sed -n 's/.*"digest": "sha256:\\(.*\\)"/\\1/p' | tail -n 1)
docker exec registry rm -r /var/lib/registry/docker/registry/v2/blobs/sha256/$(echo $layer | cut -c 1-2)/$layer
docker restart registry

# There and back, or not
docker save -o archived.tar archived:1
docker tag elsewhere:1 localhost:5002/elsewhere:1; docker push -q localhost:5002/elsewhere:1
for name in there unrun lost archived gone elsewhere changed moved; do docker rmi $name:1 {HERE}/$name:1; done
docker rmi localhost:5002/elsewhere:1 {HERE}/partly:1
until docker pull {HERE}/there:1; do sleep 0.2; done
docker pull {HERE}/unrun:1; docker pull {HERE}/partly:1; docker pull {HERE}/gone:1
docker tag busybox {HERE}/changed:1; docker push -q {HERE}/changed:1; docker rmi {HERE}/changed:1; docker pull {HERE}/changed:1
docker pull localhost:5002/elsewhere:1
docker load -i archived.tar
docker rmi {HERE}/gone:1
docker pull {HERE}/moved:1
docker run --rm {HERE}/moved:1
docker tag busybox {HERE}/moved:1
docker run --rm {HERE}/there:1
docker create {HERE}/unrun:1
docker run --rm busybox true
"""


def _situation(setup: Setup) -> None:
    setup.docker("run", "-d", "--name", "registry", "-p", f"127.0.0.1:{PORT}:5000", "registry:2")
    setup.image("toy:1", {"hello": "#!/bin/sh\necho hello\n"}, 'CMD ["/hello"]')
    made = setup.docker("create", "toy:1")
    for name in GIVEN:
        setup.docker("commit", f"--change=LABEL name={name}", made, f"{name}:1")
    setup.docker("rm", made)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxState]:
    folder = tmp_path_factory.mktemp("work")
    (folder / "commands.sh").write_text(COMMANDS)
    with (
        pytest.MonkeyPatch.context() as patch,
        core.nothing_left(tmp_path_factory.mktemp("s") / "runtime", patch),
        Session() as session,
    ):
        work = Work(session, folder, Facts("x", "99-toy"))
        yield work.run_script(setup=_situation, images=("busybox", "registry:2"), seconds=120)


def test_what_is_in_it(state: SandboxState) -> None:
    registry = state.registry(PORT)
    assert registry.repositories() == sorted([*GIVEN, "broken", "team/toy"])
    toy = registry.repository("team/toy")
    assert toy.tags() == ["1", "above", "foreign", "labelled", "list", "same"]
    assert registry.repository("nothing").tags() == []
    image = toy.image("1")
    assert state.given["toy:1"].id in {image.digest, image.config}
    assert image.unpacked_layers == state.given["toy:1"].layers
    assert len(image.layers) == len(image.unpacked_layers)
    assert toy.image(image.digest).digest == image.digest
    assert [toy.image(tag).is_index for tag in ("1", "list")] == [False, True]


def _trip(registry: Registry, name: str) -> RoundTrip:
    return registry.repository(name).round_trip(f"{name}:1")


def _pulled_back(name: str) -> Callable[[Registry], object]:
    return lambda registry: _trip(registry, name).expect_pulled_back()


HOLDS: dict[str, Callable[[Registry], object]] = {
    "tags": lambda registry: registry.repository("team/toy").expect_tags("same", "1"),
    "one digest": lambda registry: registry.repository("team/toy").expect_one_digest("1", "same"),
    "the image": lambda registry: registry.repository("team/toy").image("same").expect_is("toy:1").expect_complete(),
    "pulled back": _pulled_back("there"),
    "pulled back and never run": _pulled_back("unrun"),
    "run": lambda registry: _trip(registry, "there").expect_run(),
    "run under a name that is another image's now": lambda registry: _trip(registry, "moved").expect_run(),
}


@pytest.mark.parametrize("check", HOLDS.values(), ids=list(HOLDS))
def test_what_is_as_it_should_be(state: SandboxState, check: Callable[[Registry], object]) -> None:
    check(state.registry(PORT))


FAILS: dict[str, tuple[Callable[[Registry], object], str]] = {
    "another tag": (
        lambda registry: registry.repository("team/toy").expect_tags("1", "2"),
        "The registry has no team/toy:2.",
    ),
    "another repository": (
        lambda registry: registry.repository("toy").expect_tags("1"),
        "only the repository archived and broken and",
    ),
    "several digests": (
        lambda registry: registry.repository("team/toy").expect_one_digest("1", "labelled"),
        "team/toy:1 and team/toy:labelled are not the same image in the registry.",
    ),
    "a list": (lambda registry: registry.repository("team/toy").expect_one_digest("1", "list"), "a list of images"),
    "other settings": (
        lambda registry: registry.repository("team/toy").image("labelled").expect_is("toy:1"),
        "the same files and other settings",
    ),
    "made on top": (lambda registry: registry.repository("team/toy").image("above").expect_is("toy:1"), "on top of toy:1"),
    "other files": (lambda registry: registry.repository("team/toy").image("foreign").expect_is("toy:1"), "other files"),
    "a list is no image": (lambda registry: registry.repository("team/toy").image("list").expect_is("toy:1"), "a list of"),
    "a layer lost": (lambda registry: registry.repository("broken").image("1").expect_complete(), "a part of it is missing"),
    "never removed": (_pulled_back("toy"), "The image toy:1 was never removed from the engine."),
    "a name left": (_pulled_back("partly"), "another one left"),
    "never pulled": (_pulled_back("lost"), "nothing has come from the registry"),
    "removed again": (_pulled_back("gone"), "removed it once more"),
    "changed in between": (_pulled_back("changed"), "What was pulled from the registry is another image."),
    "from an archive": (_pulled_back("archived"), "is there again, but not from the registry."),
    "from another registry": (_pulled_back("elsewhere"), "localhost:5002/elsewhere:1 pulled"),
    "never run": (
        lambda registry: _trip(registry, "changed").expect_run(),
        "None of your commands has run",
    ),
    "never started": (lambda registry: _trip(registry, "unrun").expect_run(), "never started"),
    "run before": (lambda registry: _trip(registry, "toy").expect_run(), "What ran before the pull shows nothing"),
    "no answer": (lambda registry: Registry(registry.script, 5003).repositories(), "localhost:5003 does not answer"),
}


@pytest.mark.parametrize(("check", "words"), FAILS.values(), ids=list(FAILS))
def test_what_is_not(state: SandboxState, check: Callable[[Registry], object], words: str) -> None:
    with pytest.raises(CheckFailed) as failure:
        check(state.registry(PORT))
    found = failure.value.finding
    assert words in "\n".join((found.message, found.expected, found.found, found.advice))
    assert found.evidence


def test_events_come_in_their_order(state: SandboxState) -> None:
    events = diary.read(state)
    there = state.given["there:1"].id
    own = [one for one in events if one.id == there or one.id == f"{HERE}/there:1" or one.name == f"{HERE}/there:1"]
    actions = [one.action for one in own if one.action in {"push", "delete", "pull", "start"}]
    assert actions == ["push", "delete", "pull", "start"]
