"""Requests that go on while something happens to a stack: how many were answered, by whom, and how many were lost."""

import json as json_module
import threading
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from grader.checks.evidence import log_of
from grader.checks.http import NoAnswer, Response, ask
from grader.engine import wait
from grader.values import units
from grader.values.errors import Cancelled, CheckFailed

if TYPE_CHECKING:
    from grader.checks.compose.stack import Service

CLIENTS: Final = 9
_SECONDS: Final = 30.0
"""For one answer: a proxy notices after seconds only that a server has gone with its address."""
_PATIENCE: Final = 120.0
_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True)
class _Answer:
    """What became of a request.

    Attributes:
        lost: in words; empty where it was answered.
        text: of the answer.
    """

    lost: str
    text: str


class Traffic:
    """Clients that ask again and again from the begin of a ``with`` to its end, where the last answers are waited for.

    Args:
        service: that is asked.
        where: path with a leading slash.
        port: the one inside; by default the first that is published.
        method: HTTP method.
        json: sent as the body.
        clients: how many ask at the same time.
    """

    def __init__(self, service: "Service", where: str, *, port: int | None, method: str, json: object, clients: int) -> None:
        self._service = service
        self._path = where
        self._port = port
        self._method = method
        self._json = json
        self._answers: list[_Answer] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on, name="drydock-traffic", daemon=True) for _ in range(clients)]
        self._outside = 0

    def __enter__(self) -> Self:
        # The first one by the usual way: it waits until the program inside is ready, and explains a silence.
        self._service.http(self._path, port=self._port, method=self._method, json=self._json, timeout=_SECONDS)
        doors = self._service.container.published
        self._outside = doors[self._port if self._port is not None else next(iter(doors))]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    @property
    def answers(self) -> int:
        """How many requests have ended so far, in whatever way."""
        return len(self._answers)

    def go_on(self, answers: int) -> None:
        """Wait until so many more requests have ended."""
        wanted = self.answers + answers
        session = self._service.stack.session
        try:
            wait.until(lambda: self.answers >= wanted or None, seconds=_PATIENCE, cancelled=session.cancelled, every=0.05)
        except wait.WaitTimeout:
            raise CheckFailed(
                f"{self._service.name} answers too slowly.",
                expected=f"{answers} answers within {units.seconds(_PATIENCE)}",
                found=f"{self.answers - wanted + answers} answers",
            ) from None

    def expect_none_lost(self, *, message: str) -> None:
        """Every request was answered, with a status of success.

        Args:
            message: the finding's first sentence.
        """
        lost = Counter(one.lost for one in self._answers if one.lost)
        if lost:
            raise CheckFailed(
                message,
                expected=f"{self.answers} requests to {self._service.name}, {self.answers} of them answered",
                found=f"{lost.total()} lost: " + ", ".join(f"{number} times {how}" for how, number in lost.most_common(3)),
                evidence=log_of(self._service.stack.session, self._service.about.id, f"the service {self._service.name}"),
            )

    def expect_reached(self, service: "Service", *, message: str) -> None:
        """Each container of a service has given some of the answers; an answer names its container by its host name.

        Args:
            service: behind the one that was asked.
            message: the finding's first sentence.
        """
        hosts = [identity[:12] for identity in service.ids]
        by = {host: sum(host in one.text for one in self._answers) for host in hosts}
        if not all(by.values()):
            counted = [f"{number} by {host}" for host, number in by.items()]
            others = sum(not one.lost and not any(host in one.text for host in hosts) for one in self._answers)
            raise CheckFailed(
                message,
                expected=f"answers of all {len(hosts)} containers of {service.name}",
                found=f"{self.answers} requests, answered: "
                + ", ".join(counted)
                + (f", {others} by nobody of them" if others else ""),
            )

    def _ask_on(self) -> None:
        session = self._service.stack.session
        body = None if self._json is None else json_module.dumps(self._json).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        while not self._ended.is_set() and not session.cancelled.is_set():
            try:
                answer: Response = ask(
                    self._outside,
                    self._path,
                    seconds=_SECONDS,
                    dial=session.dial,
                    method=self._method,
                    body=body,
                    headers=headers,
                    cancelled=session.cancelled,
                )
            except NoAnswer as error:
                self._answers.append(_Answer(str(error), ""))
                self._ended.wait(0.1)
            except Cancelled:
                return
            else:
                lost = "" if answer.status in _SUCCESS else f"status {answer.status}"
                self._answers.append(_Answer(lost, answer.text))
