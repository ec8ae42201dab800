"""Whether a container, and what serves in it, is still the very one that an earlier look has seen."""

from collections.abc import Iterable

from grader.checks import privileges
from grader.checks.diagnosis import DiagnosedContainer
from grader.checks.exec_result import sentence, shortened
from grader.engine import containers
from grader.engine.processes import Process
from grader.values.errors import CheckFailed


class Steadiness:
    """A first look at a container, to be compared with a second one: a restart between the two is seen.

    Args:
        container: it.
        ports: on which it is asked.
    """

    def __init__(self, container: DiagnosedContainer, ports: Iterable[int]) -> None:
        self._container, self._ports = container, tuple(ports)
        self._life = self._now()
        self._serving = self._servers()

    def expect_kept(self) -> None:
        """It was not started again since the first look, and neither was all that served its ports."""
        if self._now() != self._life:
            raise self._failed(self._container.what, "the container was restarted")
        if self._serving and not self._serving.keys() & self._servers().keys():
            command = " ".join(next(iter(self._serving.values())).command)
            raise self._failed(
                f"the server in {self._container.what}", f"{shortened(command)} had ended, and was started again"
            )

    def _now(self) -> object:
        return containers.inspect(self._container.session, self._container.id).life

    def _servers(self) -> dict[tuple[int, int], Process]:
        """What serves the ports, each by its number and the time of its start."""
        seen = privileges.look(self._container) if self._ports else None
        return {(one.pid, one.begun): one for port in self._ports for one in (seen.serving(port) if seen else ())}

    def _failed(self, what: str, found: str) -> CheckFailed:
        return CheckFailed(
            f"{sentence(what)} did not keep running.",
            expected="one and the same process all the time",
            found=found,
            evidence=self._container.log_evidence(),
            advice="Starting a program again hides that it ends: find out why it ends.",
        )
