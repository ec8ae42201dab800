"""Stands between a learner's commands and the sandbox's engine, and refuses what would lead out of the sandbox.

Runs by itself in a container (``python -m grader.engine.sandbox.socket_filter LISTEN ENGINE WORK``), with the standard library
and ``rules``, which say what is refused. It reads the requests and passes the answers on untouched. It fails closed: what it
cannot read to the letter it does not pass on, and a connection becomes a plain stream (attach, exec, BuildKit) only when the
engine has said so.
"""

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from grader.engine.sandbox import rules
from grader.engine.sandbox.rules import Refused, unreadable

HEAD_BYTES = 64 << 10
BODY_BYTES = 4 << 20
_LINGER_BYTES = 64 << 20
_LINGER_SECONDS = 5.0

# To the letter, because the engine reads more freely than this: it takes a bare LF for the end of a line, for one.
_HEAD = re.compile(
    rb"(GET|HEAD|POST|PUT|DELETE) (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*)\r\n"
)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})\r\n")
_PATH = re.compile(r"[A-Za-z0-9_./:@+~-]*")
_VERSION = re.compile(r"^/v[0-9.]+(?=/)")
_ONCE = ("content-length", "transfer-encoding", "connection", "upgrade")


@dataclass(frozen=True)
class Request:
    """The head of a request.

    Attributes:
        raw: as it came.
        method, path, query: path without the version, query as it came.
        length: of the body; None when it comes in chunks.
        upgrades: it asks to become a stream.
    """

    raw: bytes
    method: str
    path: str
    query: str
    length: int | None
    upgrades: bool


def read_head(raw: bytes) -> Request:
    """Read the head of a request.

    Raises:
        Refused: it is not written to the letter.
    """
    match = _HEAD.fullmatch(raw)
    if match is None:
        raise unreadable()
    target, _, query = match[2].decode("ascii").partition("?")
    path = _VERSION.sub("", target)
    if not _PATH.fullmatch(path) or "//" in path or ".." in path.split("/"):
        raise unreadable()
    headers: dict[str, str] = {}
    for line in match[3].decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        if name.lower() in _ONCE and name.lower() in headers:
            raise unreadable()
        headers[name.lower()] = value.strip(" \t")
    length, coding = headers.get("content-length", "0"), headers.get("transfer-encoding")
    if not re.fullmatch(r"[0-9]{1,15}", length):
        raise unreadable()
    if coding is not None and (coding != "chunked" or "content-length" in headers):
        raise unreadable()
    upgrades = "upgrade" in headers or "upgrade" in headers.get("connection", "").lower()
    method = match[1].decode()
    if upgrades and not rules.find(method, path).stream:
        raise unreadable()
    return Request(raw, method, path, query, None if coding else int(length), upgrades)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(64 << 10):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(ConnectionError, OSError, RuntimeError):
        writer.write_eof()


async def _chunk(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next chunk of a body: as it came, and its content. The last one is empty."""
    line = await reader.readuntil(b"\n")
    match = _CHUNK.fullmatch(line)
    if match is None or (size := int(match[1], 16)) > BODY_BYTES:
        raise unreadable()
    data = await reader.readexactly(size + 2)
    if not data.endswith(b"\r\n"):
        raise unreadable()
    return line + data, data[:-2]


async def _body(reader: asyncio.StreamReader, length: int | None) -> tuple[bytes, bytes]:
    """A body that is to be read: as it came, and its content."""
    if length is not None:
        if length > BODY_BYTES:
            raise Refused("this request is too large for the sandbox")
        raw = await reader.readexactly(length)
        return raw, raw
    raw = content = b""
    while True:
        came, plain = await _chunk(reader)
        raw, content = raw + came, content + plain
        if not plain:
            return raw, content
        if len(raw) > BODY_BYTES:
            raise Refused("this request is too large for the sandbox")


async def _pass_body(reader: asyncio.StreamReader, engine: asyncio.StreamWriter, length: int | None) -> None:
    """Pass on a body of no interest, of any length: a build context, an archive."""
    while length is None:
        came, plain = await _chunk(reader)
        engine.write(came)
        await engine.drain()
        if not plain:
            return
    while length > 0:
        data = await reader.read(min(length, 64 << 10))
        if not data:
            raise ConnectionError
        length -= len(data)
        engine.write(data)
        await engine.drain()


class _Connection:
    """One connection of a client, and the one to the engine behind it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, engine_socket: str, work: str) -> None:
        self._reader, self._writer = reader, writer
        self._socket, self._work = engine_socket, work

    async def serve(self) -> None:
        """Pass on what is allowed, until either side ends."""
        engine: asyncio.StreamWriter | None = None
        answers: asyncio.Task[None] | None = None
        try:
            answer, engine = await asyncio.open_unix_connection(self._socket)
            while True:
                try:
                    request = read_head(await self._reader.readuntil(b"\r\n\r\n"))
                except asyncio.IncompleteReadError:
                    break
                if request.upgrades and answers is not None:
                    raise unreadable()
                await self._request(request, engine)
                if request.upgrades:
                    await self._stream(answer, engine)
                    return
                answers = answers or asyncio.create_task(_pass(answer, self._writer))
            with contextlib.suppress(OSError, RuntimeError):
                engine.write_eof()
            if answers is not None:
                await answers
        except Refused as refusal:
            await self._say(403, {"message": f"{refusal}."})
        except _Answered as answered:
            await self._say(answered.status, answered.content)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # it went away, or there is no way to answer
        finally:
            if answers is not None:
                answers.cancel()
            if engine is not None:
                engine.close()
            self._writer.close()

    async def _request(self, request: Request, engine: asyncio.StreamWriter) -> None:
        rule = rules.find(request.method, request.path)
        query = parse_qs(request.query, keep_blank_values=True)
        raw, body = b"", {}
        if rule.body is not None:
            raw, content = await _body(self._reader, request.length)
            body = rules.read_json(content)
        rules.judge(request.method, request.path, body, self._work, query)
        images = query.get("fromImage", [])
        if rule.pull and any(images) and not all(map(rules.leads_inside, images)):
            raise await self._pull(images[0], (query.get("tag") or [""])[0])
        engine.write(request.raw + raw)
        if rule.body is None:
            await _pass_body(self._reader, engine, request.length)
        await engine.drain()

    async def _stream(self, answer: asyncio.StreamReader, engine: asyncio.StreamWriter) -> None:
        """Become a stream, if the engine agrees; what it did not agree to goes no further."""
        head = await answer.readuntil(b"\r\n\r\n")
        self._writer.write(head)
        if not head.startswith(b"HTTP/1.1 101 "):
            engine.write_eof()  # or it would wait for a next request
            await _pass(answer, self._writer)
            return
        up = asyncio.create_task(_pass(self._reader, engine))
        try:
            await _pass(answer, self._writer)
        finally:
            up.cancel()

    async def _pull(self, image: str, tag: str) -> "_Answered":
        """The answer to a pull: there is no network here, but what is here need not be fetched."""
        name = image + (f"@{tag}" if tag.startswith("sha256:") else f":{tag}" if tag else "")
        if re.fullmatch(r"[A-Za-z0-9_./:@-]+", name) and ".." not in name:
            answer, engine = await asyncio.open_unix_connection(self._socket)
            try:
                engine.write(f"GET /images/{name}/json HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".encode())
                if b" 200 " in await answer.readline():
                    return _Answered(200, {"status": f"Status: Image is up to date for {name}"})
            finally:
                engine.close()
        return _Answered(404, {"message": f"this sandbox has no network, and {name} is not one of its images"})

    async def _say(self, status: int, content: Mapping[str, Any]) -> None:
        body = json.dumps(content).encode()
        reason = {200: "OK", 403: "Forbidden", 404: "Not Found"}[status]
        self._writer.write(
            f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            await self._writer.drain()
            self._writer.write_eof()
            async with asyncio.timeout(_LINGER_SECONDS):
                await self._read_on()

    async def _read_on(self) -> None:
        """Take what the client still sends, a build context perhaps: closed on too early, it would not read the answer."""
        left = _LINGER_BYTES
        while left > 0 and (data := await self._reader.read(64 << 10)):
            left -= len(data)


class _Answered(Exception):
    """The filter answers by itself."""

    def __init__(self, status: int, content: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status, self.content = status, content


async def main(listen: str, engine_socket: str, work: str) -> None:
    """Serve until ended."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(listen)  # noqa: PTH108

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Connection(reader, writer, engine_socket, work).serve()

    server = await asyncio.start_unix_server(serve, listen, limit=HEAD_BYTES)
    os.chmod(listen, 0o666)  # noqa: PTH101, S103 - the one way in, for whichever user the client is
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
