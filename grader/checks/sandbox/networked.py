"""A container of the sandbox as others reach it, and as it reaches others."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from grader.checks import diagnosis
from grader.checks.exec_result import ExecResult
from grader.checks.sandbox import doors, machine, serving, words
from grader.checks.sandbox.resource import SandboxResource
from grader.engine import probe, wait
from grader.engine.inspect import Binding, ContainerInfo
from grader.values.errors import CheckFailed

_ADDRESS = re.compile(r"^Address(?: \d+)?:\s*([0-9a-fA-F.:]+)$", re.MULTILINE)
_OK = 200
_SHARED = "container:"
"""Before the id of the container whose network another one uses."""
_DEFAULT_NETWORK = "bridge"
_SHOWN_CHARACTERS = 100

LISTENS_WITHIN = 8.0
"""Seconds that a program may need until it listens, on a slow machine."""
ANSWERS_WITHIN = 4.0
"""Seconds to wait for an answer from a neighbour. Where there is a way, it takes milliseconds."""


class NetworkedContainer(SandboxResource[ContainerInfo]):
    """What has to do with networks and ports."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses on all networks, as they stand in a URL."""
        places = [one for _name, one in sorted(self.networked_as.networks.items())]
        found = [address for one in places for address in (one.address, one.address6 and f"[{one.address6}]")]
        return tuple(address for address in found if address)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Its published ports; those of the container whose network it shares, where it shares one."""
        return self.networked_as.bindings

    @property
    def networked_as(self) -> ContainerInfo:
        """The container whose network it uses: its own, or another one's, where it shares that one's."""
        mode = self.about.network_mode
        shared = self.script.container_info(mode.removeprefix(_SHARED)) if mode.startswith(_SHARED) else None
        return shared or self.about

    def where(self) -> str:
        """Which networks it is on, in words."""
        home = self.networked_as
        networks = " and ".join(sorted(home.networks)) or "no network"
        return f"{self.name} is on {networks}" + (f", as {home.name} whose network it shares" if home != self.about else "")

    def beside(self, *command: str, seconds: float = 20) -> ExecResult:
        """Run a command of the grader's own in its network: what can be reached from there, whatever is in its image.

        It shares the network and the names in ``/etc/hosts``, and nothing else. The container has to run.
        """
        return self.script.helper(f"--network=container:{self.name}", *command, seconds=seconds)

    def finds(self, name: str) -> tuple[str, ...]:
        """Addresses that Docker's own DNS gives it for a name; none on the default network."""
        said = self.beside("nslookup", name, doors.DNS).stdout
        return tuple(_ADDRESS.findall(said.partition("Name:")[2]))

    def asks(self, url: str, *, seconds: float = ANSWERS_WITHIN, within: float = 0) -> str | None:
        """What a web server answers it; None when it cannot be reached from there.

        Args:
            url: with an address or a name.
            seconds: to wait for an answer.
            within: ask again until there is one, so many seconds: a program needs a moment until it listens.
        """

        def ask() -> str | None:
            said = self.beside("wget", "-q", "-O", "-", "-T", f"{seconds:.0f}", url, seconds=2 * seconds + 20)
            return said.stdout if said.exit_code == 0 else None

        with suppress(wait.WaitTimeout):
            return wait.until(ask, seconds=within, cancelled=self.script.engine.session.cancelled, every=0.3)
        return None

    def listeners(self) -> tuple[probe.Listener, ...]:
        """What listens in its network, Docker's own DNS aside."""
        return doors.listeners(self.script, self.name)

    # What to expect

    def expect_on_a_network(self) -> Self:
        """It is on a network, where others could reach it."""
        if not self.addresses:
            raise self._failed(
                f"The container {self.name} is on no network at all: it cannot reach anybody.",
                expected=f"{self.name} on a network",
                found=self.where(),
            )
        return self

    def expect_finds(self, name: str) -> tuple[str, ...]:
        """Docker's own DNS knows a name, when it is asked from inside.

        Args:
            name: of a container, or another that it has on a network.

        Returns:
            The addresses of that name.
        """
        found = self.finds(name)
        if not found:
            about = self.script.container_info(name)
            other = NetworkedContainer(self.script, about, name) if about else None
            raise self._failed(
                f"From inside {self.name}, Docker's DNS does not know the name {name}.",
                expected=f"an address of {name}, when {self.name} asks for that name",
                found="no address; " + "; ".join(one.where() for one in (self, other) if one is not None),
                advice=self._why_no_name(name, other),
            )
        return found

    def expect_reaches(self, server: "NetworkedContainer", port: int, page: str, *, at: Sequence[str]) -> Self:
        """A page is answered to it, at one of some addresses at least.

        Args:
            server: whose page it is.
            port: inside, on which the server listens.
            page: somewhere in the answer, white space at its ends aside.
            at: the addresses.
        """
        answers = [self.asks(f"http://{address}:{port}/", within=LISTENS_WITHIN) for address in at]
        if not any(page.strip() in one for one in answers if one is not None):
            other = next((one for one in answers if one is not None), None)
            raise self._failed(
                f"From inside {self.name}, the name {server.name} leads to "
                + (f"no page on port {port}." if other is None else "a server with another page."),
                expected=f"the page of {server.name}, at http://{server.name}:{port}/",
                found=f"{'no page' if other is None else f'another page: {other[:_SHOWN_CHARACTERS]}'}; {server.name} is made "
                f"from the image {server.about.config.image}",
            )
        return self

    def expect_cannot_reach(self, server: "NetworkedContainer", port: int, *, at: Sequence[str]) -> Self:
        """Nobody answers it on a port of some addresses.

        Args:
            server: who has the addresses.
            port: inside, on which the server listens.
            at: the addresses.
        """
        for address in at:
            if self.asks(f"http://{address}:{port}/") is None:
                continue
            both = " and ".join(self._shared(server))
            raise self._failed(
                f"The container {self.name} reaches {server.name}" + (f" by the network {both}." if both else "."),
                expected=f"no answer at any of the addresses of {server.name}",
                found=f"an answer at {address}; {self.where()}; {server.where()}",
            )
        return self

    def expect_page_nowhere(self, page: str, server: str) -> Self:
        """A page is answered to it nowhere: by no container, at no port that others have published, not on its own loopback.

        Whoever passes requests on to the server is found so, too. What the server has published itself is not asked: see
        ``expect_nothing_published``.

        Args:
            page: on one line, somewhere in the answer.
            server: whose page it is.
        """
        others = [one for one in doors.published(self.script) if one.of != server]
        every = [*doors.inside(self.script), *others, *doors.own(self.script, self.name)]
        if found := doors.where_it_answers(self.script, self.name, page, every, seconds=ANSWERS_WITHIN):
            raise self._failed(
                f"The container {self.name} gets the page of {server} in another way.",
                expected=f"no answer with the page of {server}, whomever {self.name} asks",
                found=f"the page: {found[0]}; {self.where()}",
                advice=_PASSED_ON if found[0].of not in {server, self.name} else "",
            )
        return self

    def expect_page_at_no_published_port(self, page: str) -> Self:
        """Its page is answered at no port that any container has published.

        Args:
            page: on one line, somewhere in the answer.
        """
        every = [one for name in self.script.containers() if (one := self.script.container_info(name)) is not None]
        for name, port in [(one.name, binding.port) for one in every for binding in one.bindings]:
            answer = machine.ask(self.script.engine, port)
            if answer is not None and page in answer.text:
                raise self._failed(
                    f"The page of {self.name} can be reached at a published port.",
                    expected=f"no published port that leads to {self.name}",
                    found=f"the page at port {port}, which the container {name} has published",
                    advice=_PASSED_ON,
                )
        return self

    def expect_nothing_published(self) -> Self:
        """None of its ports is published."""
        if self.bindings:
            home = self.networked_as
            who = "it" if home == self.about else f"{home.name}, whose network it shares,"
            raise self._failed(
                f"The container {self.name} has a published port.",
                expected="no published port: its neighbours need none",
                found=f"{who} has published {words.published(self.bindings)}",
            )
        return self

    def expect_page(
        self, page: str, port: int, *, neighbour: bool = False, alone: bool = False, message: str = "", advice: str = ""
    ) -> Self:
        """A page is answered on a port of the machine, and it is this container that has the port and a process behind it.

        Args:
            page: somewhere in the answer.
            port: outside.
            neighbour: whether a neighbour asks, by the machine's address in the network; otherwise the machine does.
            alone: all other containers hold still meanwhile: nobody answers in its place.
            message: the finding's first sentence where nobody answers, and the exercise knows better what it means.
            advice: what to make of it, where the container has published other ports than this one.
        """
        own = [one for one in self.bindings if one.port == port and one.protocol == "tcp"]
        host = machine.NETWORK if neighbour else machine.LOCAL
        answer = machine.ask(self.script.engine, port, host=host, within=LISTENS_WITHIN if own and not neighbour else 0)
        published = f"{self.name} has published {words.published(self.bindings)}"
        if answer is None:
            asked = "by the address that the machine has in its network" if neighbour else "from the machine itself"
            raise self._failed(
                message or f"Nobody answers on port {port}, the port of {self.name}, asked {asked}.",
                expected=f"an answer of {self.name}, on port {port}",
                found=f"no answer; {published}",
                advice=self._why_silent(own, neighbour) if own else (advice if self.bindings else _CLOSED),
            )
        if not own:
            raise self._failed(
                f"On port {port} another container answers than {self.name}.",
                expected=f"port {port} leads to the container {self.name}",
                found=f"it leads to {self._who_has(port)}; {published}",
            )
        if answer.status != _OK or page not in answer.text:
            raise self._failed(
                f"Something answers on port {port}, the port of {self.name}, but it is another page.",
                expected="the page of the image that it should be made from",
                found=f"status {answer.status}: {answer.text[:_SHOWN_CHARACTERS]}",
            )
        self._expect_serves(own[0], page, alone)
        return self

    def _expect_serves(self, own: Binding, page: str, alone: bool) -> None:
        """It is a process of its own that answers on a port of its."""
        who = serving.holders(self.script, self.about, own.inside)
        if who and self.name not in who:
            raise self._failed(
                f"On port {own.port} the container {' and '.join(who)} answers, and not {self.name}.",
                expected=f"a server in {self.name} behind port {own.port}",
                found=f"{self.name} shares a network with {' and '.join(who)}, where the server is; its own program: "
                + words.quoted(self.about.command),
            )
        if not alone:
            return
        others = serving.others(self.script, self.name)
        with serving.held_still(self.script, others):
            answer = machine.ask(self.script.engine, own.port, seconds=ANSWERS_WITHIN)
        if answer is None or page not in answer.text:
            raise self._failed(
                f"The container {self.name} answers on port {own.port} only while other containers help it.",
                expected=f"an answer of {self.name}, whatever the others do",
                found=f"no page while {' and '.join(one.name for one in others)} held still; the program of {self.name}: "
                + words.quoted(self.about.command),
            )

    def expect_for_this_machine_only(self, port: int) -> Self:
        """None of its published ports, and not this one either, can be reached by the machine's neighbours.

        Args:
            port: outside.
        """
        published = f"{self.name} has published {words.published(self.bindings)}"
        for one in sorted({port, *(one.port for one in self.bindings)}):
            if machine.ask(self.script.engine, one, host=machine.NETWORK) is not None:
                which = f"its port {port}" if one == port else "another port of it"
                raise self._failed(
                    f"The container {self.name} also answers others, on {which}: we asked by the machine's address in its "
                    "network.",
                    expected=f"no answer on port {one}, except on {machine.LOCAL}",
                    found=f"an answer on port {one}; {published}",
                )
        if wide := [one for one in self.bindings if not is_loopback(one)]:
            raise self._failed(
                f"The container {self.name} has published a port on an address that others can reach.",
                expected=f"ports on {machine.LOCAL} only, such as {machine.LOCAL}:{port}",
                found=words.published(wide),
            )
        self._expect_no_way_in()
        return self

    def _expect_no_way_in(self) -> None:
        """No port of another container leads to it: what answers others there still does while this one holds still."""
        mine = {one.port for one in self.bindings}
        open_doors = (one for one in doors.published(self.script) if one.of != self.name and one.port not in mine)
        for name, port in dict.fromkeys((one.of, one.port) for one in open_doors):
            if machine.ask(self.script.engine, port, host=machine.NETWORK, seconds=ANSWERS_WITHIN) is None:
                continue
            with serving.held_still(self.script, (self.about,)):
                still = machine.ask(self.script.engine, port, host=machine.NETWORK, seconds=ANSWERS_WITHIN)
            if still is None:
                raise self._failed(
                    f"Others can reach the container {self.name} by way of {name}: what that answers on port {port} comes from "
                    f"{self.name}.",
                    expected=f"no port that leads to {self.name}, except on {machine.LOCAL}",
                    found=f"port {port} of {name} answers others, and falls silent while {self.name} holds still",
                )

    def expect_silent(self, port: int) -> Self:
        """Nobody answers on a port that was its own.

        Args:
            port: outside.
        """
        if machine.ask(self.script.engine, port) is not None:
            raise self._failed(
                f"We ended the container {self.name}, and its port still answers.",
                expected=f"port {port} leads to the container {self.name}, and to no other",
                found=f"port {port} leads to {self._who_has(port)}",
            )
        return self

    # Why not

    def _shared(self, other: "NetworkedContainer") -> list[str]:
        """Networks that both are on."""
        return sorted(self.networked_as.networks.keys() & other.networked_as.networks.keys())

    def _who_has(self, port: int) -> str:
        names = self.script.names("ps", "--filter", f"publish={port}", "--format", "{{.Names}}")
        return f"the container {' and '.join(names)}" if names else "no container"

    def _why_no_name(self, name: str, other: "NetworkedContainer | None") -> str:
        """Why a name is not known, by what is in /etc/hosts and by who is where."""
        if re.search(rf"\s{re.escape(name)}(\s|$)", self.beside("cat", "/etc/hosts").stdout):
            return (
                "The name is in /etc/hosts (--link, --add-host). That is not DNS: it does not change when the server gets "
                "another address."
            )
        if other is None:
            return ""
        both = self._shared(other)
        if not both:
            return "The two are on no network together."
        return f"On {_DEFAULT_NETWORK}, the default network, nobody answers for names." if both == [_DEFAULT_NETWORK] else ""

    def _why_silent(self, own: Sequence[Binding], neighbour: bool) -> str:
        """Why nobody answers on a port that it has published."""
        if neighbour and all(map(is_loopback, own)):
            return f"On {machine.LOCAL} a port is open to this machine alone."
        with suppress(CheckFailed):  # it has ended meanwhile
            found, advice = diagnosis.listening(self.listeners(), own[0].inside)
            return f"{found[:1].upper()}{found[1:]}. {advice}".strip()
        return ""


_PASSED_ON = "Whatever passes requests on to a server opens that server to everyone who can reach it."
_CLOSED = "From outside, only those ports of a container can be reached that are published."


def is_loopback(binding: Binding) -> bool:
    """Whether only the machine itself can come in by a published port."""
    return binding.address.startswith("127.") or binding.address == "::1"
