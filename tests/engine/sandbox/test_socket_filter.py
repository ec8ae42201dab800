"""The filter between a learner's commands and the sandbox's engine: what it reads, and no way around it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from grader.engine.sandbox import socket_filter
from grader.engine.sandbox.rules import Refused
from grader.engine.sandbox.socket_filter import read_head

WORK = "/exercise"


HEADS = {
    "bare line feed": b"GET /version HTTP/1.1\nHost: a\n\nPOST /containers/create HTTP/1.1\r\n\r\n",
    "bare carriage return": b"GET /version HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
    "full address": b"POST http://a/containers/create HTTP/1.1\r\n\r\n",
    "HTTP/1.0": b"GET /version HTTP/1.0\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\n",
    "another method": b"CONNECT /x HTTP/1.1\r\n\r\n",
    "folded header": b"GET /version HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    "space before the colon": b"POST /x HTTP/1.1\r\nContent-Length : 5\r\n\r\n",
    "two lengths": b"POST /x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "length and chunks": b"POST /x HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "signed length": b"POST /x HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
    "another coding": b"POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "escaped path": b"POST /containers%2fcreate HTTP/1.1\r\n\r\n",
    "two slashes": b"POST //containers/create HTTP/1.1\r\n\r\n",
    "a way up": b"POST /a/../containers/create HTTP/1.1\r\n\r\n",
    "upgrade of anything": b"POST /containers/create HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    "upgrade of a question": b"GET /containers/a/attach/ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("head", HEADS.values(), ids=list(HEADS))
def test_a_head_that_can_be_read_in_two_ways_is_refused(head: bytes) -> None:
    with pytest.raises(Refused):
        read_head(head)


@pytest.mark.parametrize(
    ("target", "path"),
    [("/v1.45/containers/create", "/containers/create"), ("/v1.45./containers/create", "/containers/create"),
     ("/v1/_ping", "/_ping"), ("/_ping?x=1", "/_ping"), ("/images/a/b:1@sha256:0/json", "/images/a/b:1@sha256:0/json")],
)  # fmt: skip
def test_a_head_is_read(target: str, path: str) -> None:
    request = read_head(f"POST {target} HTTP/1.1\r\nHost: docker\r\nContent-Length: 12\r\n\r\n".encode())
    assert (request.path, request.length, request.upgrades) == (path, 12, False)


# Connections, against an engine that writes down what reaches it


class _Engine:
    """Answers requests one by one: with ``answer``, and from then on as a stream where that is a 101."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.heard += data
            if self.answer:
                writer.write(self.answer)
                self.answer = b"" if b" 101 " in self.answer else self.answer
            else:
                writer.write(b"echo " + data)
        writer.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def _filter(front: str, behind: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client's connection to a filter."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(front)  # noqa: PTH108
    serving = asyncio.create_task(socket_filter.main(front, behind, WORK))
    while not os.path.exists(front):  # noqa: ASYNC110, ASYNC240, PTH110 - there is no event for that
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_unix_connection(front)
    try:
        yield reader, writer
    finally:
        writer.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await asyncio.sleep(0.05)  # what was closed is gone with the next turns of the loop


async def _talk(folder: Path, engine: _Engine, *sent: bytes) -> bytes:
    behind = str(folder / "engine.sock")
    server = await asyncio.start_unix_server(engine.serve, behind)
    said = b""
    async with _filter(str(folder / "filter.sock"), behind) as (reader, writer):
        for data in sent:
            with contextlib.suppress(ConnectionError):
                writer.write(data)
                await writer.drain()
            await asyncio.sleep(0.1)
        with contextlib.suppress(OSError):
            writer.write_eof()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                while data := await reader.read(65536):
                    said += data
        server.close()
    return said


def _ask(folder: Path, engine: _Engine, *sent: bytes) -> bytes:
    return asyncio.run(_talk(folder, engine, *sent))


def _request(path: str, body: bytes = b"", *headers: str, method: str = "POST") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: docker", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


EVIL = _request("/v1.45/containers/create", b'{"HostConfig": {"Privileged": true}}')
FINE = _request("/v1.45/containers/create", b'{"HostConfig": {}}')
UPGRADE = ("Connection: Upgrade", "Upgrade: tcp")


def test_what_is_allowed_reaches_the_engine_as_it_was(tmp_path: Path) -> None:
    engine = _Engine(OK)
    assert _ask(tmp_path, engine, FINE, _request("/_ping", method="GET")) == OK + OK
    assert engine.heard == FINE + _request("/_ping", method="GET")


def test_what_is_refused_does_not_and_its_sender_reads_why(tmp_path: Path) -> None:
    engine = _Engine(OK)
    said = _ask(tmp_path, engine, FINE, EVIL)
    assert b"403 Forbidden" in said
    assert b"--privileged cannot be used in this sandbox." in said
    assert engine.heard == FINE


def test_a_sender_in_the_middle_of_a_large_body_reads_why_all_the_same(tmp_path: Path) -> None:
    async def talk() -> bytes:
        engine = await asyncio.start_unix_server(_Engine(OK).serve, str(tmp_path / "engine.sock"))
        async with _filter(str(tmp_path / "filter.sock"), str(tmp_path / "engine.sock")) as (reader, writer):
            writer.write(CHUNKED.format("/build?cgroupparent=/").encode())
            for _ in range(64):  # more than the socket holds; none of these may meet a closed door
                writer.write(b"8000\r\n" + bytes(0x8000) + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.005)
            writer.write_eof()
            said = await reader.read()
        engine.close()
        return said

    assert b"--cgroup-parent" in asyncio.run(talk())


def test_a_stream_only_where_the_engine_agrees(tmp_path: Path) -> None:
    engine = _Engine(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n")
    said = _ask(tmp_path, engine, _request("/containers/a/attach", b"", *UPGRADE), b"hello")
    assert said.endswith(b"\r\n\r\necho hello")


@pytest.mark.parametrize("between", [b"", b"x"])
def test_no_request_slips_in_behind_a_stream_that_did_not_come_to_be(tmp_path: Path, between: bytes) -> None:
    engine = _Engine(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    first = _request("/containers/none/attach", b"", *UPGRADE)
    _ask(tmp_path, engine, first + between + EVIL)
    assert engine.heard == first


def test_no_stream_behind_another_request(tmp_path: Path) -> None:
    engine = _Engine(OK)
    ping = _request("/_ping", method="GET")
    assert b"403" in _ask(tmp_path, engine, ping, _request("/containers/a/attach", b"", *UPGRADE) + EVIL)
    assert engine.heard == ping


CHUNKED = "POST {} HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "chunks",
    [b"0\r\nA:" + EVIL, b"0x0\r\n\r\n" + EVIL, b"2\r\nabXY" + EVIL, b"0;x\n\r\n" + EVIL, b"FFFFFFFF\r\n" + EVIL],
    ids=["trailer", "another zero", "too long a chunk", "extension", "too large"],
)
def test_no_request_slips_in_behind_chunks(tmp_path: Path, chunks: bytes) -> None:
    engine = _Engine(OK)
    said = _ask(tmp_path, engine, CHUNKED.format("/build").encode() + chunks)
    assert b"403" in said
    assert b"Privileged" not in engine.heard


def test_chunks_are_judged_together(tmp_path: Path) -> None:
    head = CHUNKED.format("/containers/create").encode()
    parts = [b'{"HostConfig": {"Privi', b'leged": true}}']
    body = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in parts) + b"0\r\n\r\n"
    engine = _Engine(OK)
    assert b"--privileged" in _ask(tmp_path, engine, head + body)
    assert engine.heard == b""
    engine = _Engine(OK)
    assert _ask(tmp_path, engine, head + body.replace(b"true", b"null")) == OK


@pytest.mark.parametrize(
    ("answer", "words"), [(OK, b"up to date for busybox:1"), (b"HTTP/1.1 404 No\r\n\r\n", b"has no network")]
)
def test_a_pull_is_answered_from_what_is_there(tmp_path: Path, answer: bytes, words: bytes) -> None:
    engine = _Engine(answer)
    assert words in _ask(tmp_path, engine, _request("/v1.45/images/create?fromImage=busybox&tag=1"))
    assert engine.heard.startswith(b"GET /images/busybox:1/json HTTP/1.1\r\n")


def test_a_pull_from_a_registry_inside_reaches_the_engine(tmp_path: Path) -> None:
    engine = _Engine(OK)
    pull = _request("/v1.45/images/create?fromImage=localhost%3A5000%2Fpenguins&tag=1")
    assert _ask(tmp_path, engine, pull) == OK
    assert engine.heard == pull


def test_a_pull_that_names_two_registries_does_not(tmp_path: Path) -> None:
    engine = _Engine(OK)
    pull = _request("/v1.45/images/create?fromImage=localhost%3A5000%2Fpenguins&fromImage=ghcr.io%2Fpenguins")
    assert b"up to date" in _ask(tmp_path, engine, pull)
    assert b"/images/create" not in engine.heard


def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    async def talk() -> bytes:
        async with _filter(str(tmp_path / "filter.sock"), str(tmp_path / "none.sock")) as (reader, writer):
            writer.write(FINE)
            with contextlib.suppress(ConnectionError):
                return await reader.read()
            return b""

    assert asyncio.run(talk()) == b""
