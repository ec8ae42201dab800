"""Who reaches whom in the sandbox, by which name and which port."""

import pytest

from grader.checks.sandbox import machine, words
from grader.checks.sandbox.state import SandboxState
from grader.engine.inspect import Binding
from grader.values.errors import CheckFailed
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.verdicts import Ask, Unmet

SLOW = 10
"""Seconds until a server listens, on a busy machine."""


def _answer(sandbox: SandboxState, port: int, host: str) -> bytes | None:
    answer = machine.ask(sandbox.engine, port, host=host, within=SLOW if host == machine.LOCAL else 0)
    return answer.body if answer is not None else None


def _reaches(sandbox: SandboxState, who: str, whom: str) -> bool:
    (address,) = sandbox.container(whom).addresses
    return sandbox.container(who).asks(f"http://{address}:8000/", within=SLOW if who == "near" else 0) == "hello\n"


FOUND: dict[str, tuple[Ask, object]] = {
    "a door for everybody, from here": (lambda sandbox: _answer(sandbox, 20001, machine.LOCAL), b"hello\n"),
    "a door for everybody, from the network": (lambda sandbox: _answer(sandbox, 20001, machine.NETWORK), b"hello\n"),
    "a door on loopback, from here": (lambda sandbox: _answer(sandbox, 20002, machine.LOCAL), b"hello\n"),
    "a door on loopback, from the network": (lambda sandbox: _answer(sandbox, 20002, machine.NETWORK), None),
    "no door": (lambda sandbox: _answer(sandbox, 20009, machine.NETWORK), None),
    "a name that nobody has": (lambda sandbox: sandbox.container("near").finds("nobody"), ()),
    "a name in a file": (lambda sandbox: sandbox.container("deceived").finds("web"), ()),
    "a link": (lambda sandbox: sandbox.container("linked").finds("web"), ()),
    "a neighbour": (lambda sandbox: _reaches(sandbox, "near", "web"), True),
    "an outsider": (lambda sandbox: _reaches(sandbox, "far", "web"), False),
    "what listens": (lambda sandbox: [one.port for one in sandbox.container("web").listeners()], [8000]),
    "a published port": (lambda sandbox: words.published(sandbox.container("shy").bindings), "127.0.0.1:20002 → 8000 inside"),
    "that of whose network it shares": (
        lambda sandbox: words.published(sandbox.container("guest").bindings),
        "127.0.0.1:20002 → 8000 inside",
    ),
    "no published port": (lambda sandbox: sandbox.container("near").expect_nothing_published().bindings, ()),
    "on a network": (lambda sandbox: sandbox.container("far").expect_on_a_network().where(), "far is on bridge"),
    "a page": (lambda sandbox: sandbox.container("web").expect_page("hello", 20001).name, "web"),
    "a page, for a neighbour": (
        lambda sandbox: sandbox.container("web").expect_page("hello", 20001, neighbour=True).name,
        "web",
    ),
    "a page, while the others hold still": (
        lambda sandbox: sandbox.container("web").expect_page("hello", 20001, alone=True).name,
        "web",
    ),
    "for this machine only": (lambda sandbox: sandbox.container("shy").expect_for_this_machine_only(20002).name, "shy"),
    "silent": (lambda sandbox: sandbox.container("web").expect_silent(20009).name, "web"),
    "a page that nobody has": (lambda sandbox: sandbox.container("far").expect_page_nowhere("no such page", "web").name, "far"),
    "a page that nobody has published": (
        lambda sandbox: sandbox.container("web").expect_page_at_no_published_port("no such page").name,
        "web",
    ),
    "members": (lambda sandbox: sandbox.network("lab").expect_members("near", "web").name, "lab"),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(sandbox: SandboxState, ask: Ask, wanted: object) -> None:
    assert ask(sandbox) == wanted


@pytest.mark.engine
@pytest.mark.slow
def test_a_name_leads_to_a_server_on_a_network_of_ones_own(sandbox: SandboxState) -> None:
    near, web, far = (sandbox.container(name) for name in ("near", "web", "far"))
    found = near.expect_finds("web")
    assert found == web.addresses
    near.expect_reaches(web, 8000, "hello\n", at=found)
    far.expect_cannot_reach(web, 8000, at=found)


def _reached(sandbox: SandboxState, who: str, port: int, page: str) -> object:
    web = sandbox.container("web")
    return sandbox.container(who).expect_reaches(web, port, page, at=web.addresses)


UNMET: Unmet = {
    "on no network": (lambda sandbox: sandbox.container("nowhere").expect_on_a_network(), "is on no network at all", "none"),
    "no network together": (
        lambda sandbox: sandbox.container("far").expect_finds("web"),
        "From inside far, Docker's DNS does not know the name web",
        "The two are on no network together.",
    ),
    "no names on bridge": (
        lambda sandbox: sandbox.container("far").expect_finds("idle"),
        "does not know the name idle",
        "On bridge, the default network, nobody answers for names.",
    ),
    "a name that nobody has": (
        lambda sandbox: sandbox.container("far").expect_finds("nobody"),
        "the name nobody",
        "no address",
    ),
    "a name in a file": (lambda sandbox: sandbox.container("deceived").expect_finds("web"), "the name web", "That is not DNS"),
    "a link": (lambda sandbox: sandbox.container("linked").expect_finds("web"), "the name web", "(--link, --add-host)"),
    "no way": (lambda sandbox: _reached(sandbox, "near", 8001, "hello"), "leads to no page on port 8001", "toy"),
    "another page": (lambda sandbox: _reached(sandbox, "near", 8000, "good bye"), "a server with another page", "hello"),
    "a neighbour": (
        lambda sandbox: sandbox.container("near").expect_cannot_reach(web := sandbox.container("web"), 8000, at=web.addresses),
        "near reaches web by the network lab",
        "near is on lab; web is on lab",
    ),
    "a page in another way": (
        lambda sandbox: sandbox.container("far").expect_page_nowhere("hello", "web"),
        "far gets the page of web in another way",
        "far is on bridge",
    ),
    "a page at a published port": (
        lambda sandbox: sandbox.container("web").expect_page_at_no_published_port("hello"),
        "The page of web can be reached at a published port",
        "which the container",
    ),
    "a published port": (
        lambda sandbox: sandbox.container("web").expect_nothing_published(),
        "web has a published port",
        "0.0.0.0:20001 → 8000 inside",
    ),
    "a port that nobody has": (
        lambda sandbox: sandbox.container("web").expect_page("hello", 20009, advice="Read the note."),
        "Nobody answers on port 20009, the port of web, asked from the machine itself",
        "Read the note.",
    ),
    "nothing published": (
        lambda sandbox: sandbox.container("near").expect_page("hello", 20009, advice="Read the note."),
        "Nobody answers on port 20009",
        "only those ports of a container can be reached that are published",
    ),
    "another one's port": (
        lambda sandbox: sandbox.container("near").expect_page("hello", 20001),
        "On port 20001 another container answers than near",
        "it leads to the container web",
    ),
    "another page on a port": (
        lambda sandbox: sandbox.container("web").expect_page("good bye", 20001),
        "it is another page",
        "status 200: hello",
    ),
    "loopback, for a neighbour": (
        lambda sandbox: sandbox.container("shy").expect_page("hello", 20002, neighbour=True),
        "by the address that the machine has in its network",
        "On 127.0.0.1 a port is open to this machine alone.",
    ),
    "another port inside": (
        lambda sandbox: sandbox.container("elsewhere").expect_page("hello", 20003),
        "Nobody answers on port 20003",
        "Inside the container nothing listens on port 8001, but something does on port 8000",
    ),
    "what is to be said of silence": (
        lambda sandbox: sandbox.container("elsewhere").expect_page("hello", 20003, message="It went with the other."),
        "It went with the other.",
        "127.0.0.1:20003 → 8001 inside",
    ),
    "another one's server, in a network of both": (
        lambda sandbox: sandbox.container("guest").expect_page("hello", 20002),
        "On port 20002 the container shy answers, and not guest",
        "guest shares a network with shy",
    ),
    "passed on": (
        lambda sandbox: sandbox.container("passage").expect_page("hello", 20006, alone=True),
        "passage answers on port 20006 only while other containers help it",
        "“nc -ll -p 9000",
    ),
    "open to others by way of another": (
        lambda sandbox: sandbox.container("hidden").expect_for_this_machine_only(20005),
        "Others can reach the container hidden by way of passage",
        "falls silent while hidden holds still",
    ),
    "open to others": (
        lambda sandbox: sandbox.container("web").expect_for_this_machine_only(20001),
        "web also answers others, on its port 20001",
        "0.0.0.0:20001",
    ),
    "not silent": (
        lambda sandbox: sandbox.container("near").expect_silent(20001),
        "its port still answers",
        "the container web",
    ),
    "not a member": (
        lambda sandbox: sandbox.network("lab").expect_members("near", "web", "far"),
        "far not on it",
        "near and web on it",
    ),
    "one too many": (lambda sandbox: sandbox.network("lab").expect_members("near"), "web on it, too", "near and web on it"),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)


@pytest.mark.engine
@pytest.mark.slow
def test_a_container_that_has_ended_cannot_be_asked_from(sandbox: SandboxState) -> None:
    with pytest.raises(CheckFailed, match="cannot look at what your commands left"):
        sandbox.container("idle").beside("true")


def test_what_is_open_on_all_addresses_is_listed_once() -> None:
    both = [Binding(80, "tcp", "0.0.0.0", 8080), Binding(80, "tcp", "::", 8080), Binding(80, "tcp", "::1", 81)]
    assert words.published(both) == "0.0.0.0:8080 → 80 inside, ::1:81 → 80 inside"
    assert words.published([]) == "no port"
