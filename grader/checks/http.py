"""One HTTP request to something that may be broken in any way, and what to expect of the answer."""

import http.client
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from grader.diagnose import program_output
from grader.engine import wait
from grader.values import units
from grader.values.errors import Cancelled, CheckFailed
from grader.values.outcome import Evidence

BODY_BYTES = 1 * units.MB
_SERVER_ERROR = 500
_LAST_WORDS_SECONDS = 1.0


class NoAnswer(Exception):
    """No HTTP answer came.

    Attributes:
        connected: whether something took the connection and then kept silent until the deadline.
    """

    def __init__(self, reason: str, *, connected: bool) -> None:
        super().__init__(reason)
        self.connected = connected


def _same(expected: object, found: object) -> bool:
    """Equality of JSON values; numbers to six digits, since models compute."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        with suppress(OverflowError):  # an integer beyond all floats
            return math.isclose(expected, found, rel_tol=1e-6, abs_tol=1e-6)
        return expected == found
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return expected.keys() == found.keys() and all(_same(expected[key], found[key]) for key in expected)
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(expected) == len(found) and all(map(_same, expected, found))
    return expected == found


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer.

    Attributes:
        request: e.g. ``GET /health``.
        status: HTTP status.
        headers: names in lower case.
        body: of a megabyte at most.
        duration_s: seconds from the connection to the last byte.
        sent: the body of the request.
        log: gives the log of whatever answered, for the evidence.
    """

    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    duration_s: float
    sent: bytes = b""
    log: Callable[[], str] = field(default=str, repr=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            CheckFailed: it is not.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise self._failed("The answer is not JSON.", "JSON", self._shown()) from None

    def expect(
        self,
        *,
        status: int | Container[int] | None = None,
        json: object = None,
        json_has: Mapping[str, object] | None = None,
        contains: str | None = None,
        within: float | None = None,
        message: str = "",
    ) -> Self:
        """Hold the answer against what should have come.

        Args:
            status: the status, or several, e.g. ``range(400, 500)``.
            json: the whole body; numbers to six digits.
            json_has: members that the body must have, among others.
            contains: somewhere in the body.
            within: seconds it may have taken.
            message: the finding's first sentence, where the exercise knows better what it means.

        Returns:
            Itself.

        Raises:
            CheckFailed: the first of them that does not hold.
        """
        wanted = (status,) if isinstance(status, int) else status
        if wanted is not None and self.status not in wanted:
            name = f"{status}" if isinstance(status, int) else _range_in_words(wanted)
            raise self._failed(
                message or f"{self.request} answered {self.status}.", f"status {name}", f"status {self.status}: {self._shown()}"
            )
        other = message or f"{self.request} gave another answer than expected."
        if json is not None and not _same(json, self.json()):
            raise self._failed(other, _dumps(json), self._shown())
        if json_has is not None:
            body = self.json()
            for key, value in json_has.items():
                if not isinstance(body, dict) or key not in body or not _same(value, body[key]):
                    raise self._failed(other, f"“{key}” is {_dumps(value)}", self._shown())
        if contains is not None and contains not in self.text:
            raise self._failed(other, f"an answer with “{contains}”", self._shown())
        if within is not None and self.duration_s > within:
            raise self._failed(
                message or f"{self.request} took too long.", f"at most {units.seconds(within)}", units.seconds(self.duration_s)
            )
        return self

    def _shown(self) -> str:
        return self.text.strip()[:400] or "an empty answer"

    def _failed(self, message: str, expected: str, found: str) -> CheckFailed:
        log = self._log()
        return CheckFailed(
            message,
            expected=expected,
            found=found,
            evidence=(Evidence("what was sent", self.sent.decode("utf-8", "replace")), Evidence("log of the container", log)),
            advice=program_output.meaning(log) if self.status >= _SERVER_ERROR else "",
        )

    def _log(self) -> str:
        """The log; of a program that broke down, with its last words, which may come a moment after the answer."""

        def explained() -> str | None:
            log = self.log()
            return log if program_output.reason(log) else None

        if self.status == _SERVER_ERROR:
            with suppress(wait.WaitTimeout):
                return wait.until(explained, seconds=_LAST_WORDS_SECONDS, every=0.1)
        return self.log()


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _range_in_words(wanted: Container[int]) -> str:
    if isinstance(wanted, range):
        return f"{wanted.start} to {wanted.stop - 1}"
    return " or ".join(str(one) for one in wanted) if isinstance(wanted, tuple | list | set | frozenset) else "another"


def ask(
    port: int,
    path: str,
    *,
    seconds: float,
    dial: Callable[[int, float], socket.socket] = lambda port, seconds: socket.create_connection(("127.0.0.1", port), seconds),
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    log: Callable[[], str] = str,
    cancelled: threading.Event | None = None,
) -> Response:
    """Send one request and read the whole answer before one deadline, however it drips.

    Args:
        port: TCP port.
        path: with a leading slash.
        seconds: deadline for everything together.
        dial: connects to the port, within seconds.
        method: HTTP method.
        body: of the request.
        headers: of the request.
        log: kept for the answer's evidence.
        cancelled: ends the request at once when set.

    Raises:
        NoAnswer: refused, broken off, not HTTP, larger than BODY_BYTES, or not complete at the deadline.
        Cancelled: ``cancelled`` was set.
    """
    begin = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    ended = threading.Event()
    stopped = threading.Event()

    def watch() -> None:
        # A server that sends one byte now and then never trips a socket's own time-out: this ends it all the same.
        while not ended.wait(min(0.1, max(begin + seconds - time.monotonic(), 0.001))):
            if time.monotonic() >= begin + seconds or (cancelled is not None and cancelled.is_set()):
                stopped.set()
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)
                return

    connected = False
    answer: http.client.HTTPResponse | None = None
    try:
        opened = connection.sock = dial(port, seconds)
        connected = True
        # the connection forgets it where the answer lasts until the server closes
        threading.Thread(target=watch, daemon=True).start()
        connection.request(method, path, body=body, headers={"Connection": "close", **(headers or {})})
        answer = connection.getresponse()
        content = answer.read(BODY_BYTES + 1)
        if stopped.is_set():
            raise TimeoutError
        if len(content) > BODY_BYTES:
            raise NoAnswer(f"an answer of more than {units.size(BODY_BYTES)}, and reading stopped there", connected=True)
        if answer.length:  # a read with a limit does not complain itself
            raise NoAnswer(f"the answer broke off {answer.length} bytes before its end", connected=True)
        return Response(
            request=f"{method} {path}",
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=content,
            duration_s=time.monotonic() - begin,
            sent=body or b"",
            log=log,
        )
    except (OSError, http.client.HTTPException) as error:
        if cancelled is not None and cancelled.is_set():
            raise Cancelled from error
        if stopped.is_set() or isinstance(error, TimeoutError):
            raise NoAnswer(f"no complete answer within {units.seconds(seconds)}", connected=connected) from error
        if isinstance(error, http.client.IncompleteRead):
            raise NoAnswer("the answer broke off before its end", connected=True) from error
        if isinstance(error, http.client.HTTPException) and not isinstance(error, http.client.RemoteDisconnected):
            raise NoAnswer(f"something answered that is not HTTP: {str(error)[:80]}", connected=True) from error
        raise NoAnswer("the connection was refused or broken off", connected=False) from error
    finally:
        ended.set()
        connection.close()
        if answer is not None:
            answer.close()
