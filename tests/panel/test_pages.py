"""Pages of containers, on a real Jupyter server with jupyter-server-proxy beside us; a canary tells what reaches them."""

import asyncio
import http.client
import json
import re
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests import toys
from tests.panel.canary import HARM, Canary, canary
from tests.panel.support import TOKEN, Server, jupyter

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TAB = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FETCH = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
SCRIPT = {"Authorization": f"token {TOKEN}"}


@dataclass
class Answer:
    """Of a server that was asked for one thing, without following anywhere."""

    status: int
    headers: Message
    text: str

    @property
    def to(self) -> str:
        return self.headers["Location"] or ""


@dataclass
class Site:
    """A Jupyter server, what listens beside it, and a browser's cookies by host name."""

    server: Server
    base: str
    canary: Canary
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(
        self, path: str, *headers: dict[str, str], host: str = "localhost", method: str = "GET", port: int | None = None
    ) -> Answer:
        """Ask for a path; ``host`` and ``port`` are what the header Host says."""
        body = b"body" if method in {"POST", "PUT", "PATCH"} else None
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", f"{host}:{port or self.server.port}")
        for name, value in ChainMap({"Content-Length": "4"} if body else {}, *headers).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as found:
            answer = Answer(found.status, found.headers, found.read().decode())
        connection.close()
        return answer

    def browse(self, url: str) -> tuple[str, Answer]:
        """Open an address as a browser does, which sends a cookie to the name that set it; return where it ends."""
        for _ in range(10):
            at = urlsplit(url)
            assert at.port == self.server.port
            kept = self.cookies.setdefault(str(at.hostname), {})
            sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}
            answer = self.ask(url.removeprefix(f"http://{at.netloc}"), TAB, sent, host=str(at.hostname))
            for one in answer.headers.get_all("Set-Cookie", []):
                name, _, value = one.partition(";")[0].partition("=")
                kept[name] = value
            if not answer.to:
                return url, answer
            url = answer.to if "//" in answer.to else f"http://{at.netloc}{answer.to}"
        raise AssertionError(f"leads nowhere: {url}")

    def url(self, rest: str, host: str = "localhost") -> str:
        """An address below the base URL."""
        return f"http://{host}:{self.server.port}{self.base}{rest}"

    @property
    def page(self) -> str:
        """The way to the canary, below the base URL."""
        return f"proxy/{self.canary.port}/"

    def terminals(self) -> list[object]:
        """Those that Jupyter has."""
        found: list[object] = json.loads(self.ask(f"{self.base}api/terminals", SCRIPT, host="127.0.0.1").text)
        return found


@pytest.fixture(scope="module", params=["/", "/base/"])
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    top = tmp_path_factory.mktemp("server")
    (top / "work").mkdir()
    extensions = dict.fromkeys(("grader.panel", "jupyter_server_proxy", "jupyter_server_terminals"), True)
    settings = {"--ServerApp.base_url": request.param, "--ServerApp.jpserver_extensions": extensions}
    with canary() as one, jupyter(top, settings, {"DRYDOCK_COURSE": str(toys.course(Path(top, "course")))}) as server:
        yield Site(server, request.param, one)


@pytest.fixture
def site(started: Site) -> Site:
    """With a fresh browser."""
    started.canary.seen.clear()
    started.cookies.clear()
    return started


def enter(site: Site) -> str:
    """Come in with Jupyter's token and open the page; return its name's cookie."""
    site.browse(site.url(f"{site.page}?token={TOKEN}", "127.0.0.1"))
    site.canary.seen.clear()
    return "; ".join(f"{name}={value}" for name, value in site.cookies["localhost"].items())


@pytest.mark.parametrize("first", ["127.0.0.1", "localhost"])
def test_one_click_opens_a_page_under_the_other_name(site: Site, first: str) -> None:
    site.browse(site.url(f"?token={TOKEN}", "127.0.0.1"))  # the printed address
    url, answer = site.browse(site.url(f"{site.page}there?a=1&b=%20x&token=their-own", first))
    assert (url, answer.status, answer.text) == (site.url(f"{site.page}there?a=1&b=%20x&token=their-own"), 200, "the page")
    assert site.canary.only().uri == "/there?a=1&b=%20x&token=their-own"
    assert site.browse(site.url(f"proxy/{site.canary.port}", "127.0.0.1"))[0] == site.url(site.page)  # its links are relative
    assert not {name for name in site.cookies["localhost"] if name in site.cookies["127.0.0.1"]}


def test_nothing_of_the_visitor_reaches_a_container(site: Site) -> None:
    cookie = enter(site)
    of_jupyter = "; ".join(f"{name}={value}" for name, value in site.cookies["127.0.0.1"].items())
    assert "username-" in of_jupyter
    key = cookie.partition("=")[2]
    for method in METHODS:
        headers = {
            "Cookie": f"{cookie}; {of_jupyter}; other=1", "Authorization": "Basic YTpi", "Proxy-Authorization": "Basic YTpi",
            "X-XSRFToken": "x", "Referer": site.url(f"lab?token={TOKEN}", "127.0.0.1"), "X-Odd": f"a {TOKEN}", "X-Kept": "y",
            **FETCH,
        }  # fmt: skip
        assert site.ask(f"{site.base}{site.page}?drydock-key={key}&a=1", headers, method=method).status == 200
        seen = site.canary.only()
        assert (seen.method, seen.uri, seen.headers["X-Kept"]) == (method, "/?a=1", "y")
        assert not {"Cookie", "Authorization", "Proxy-Authorization", "X-Xsrftoken", "Referer", "X-Odd"} & set(seen.headers)
        everything = f"{seen.uri} {list(seen.headers.get_all())}"
        assert not [one for one in (TOKEN, key, *site.cookies["127.0.0.1"].values()) if one in everything]


def test_what_a_container_says_about_the_name_stays_behind(site: Site) -> None:
    cookie = enter(site)
    for accept in ("text/html", "text/event-stream"):  # which are two ways through the proxy
        answer = site.ask(f"{site.base}{site.page}", {"Cookie": cookie, "Accept": accept})
        assert (answer.status, answer.headers["X-Its-Own"]) == (200, "kept")
        assert not {"Set-Cookie", *HARM} & set(answer.headers)
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert site.ask(f"{site.base}{site.page}leads", {"Cookie": cookie}).to == f"{site.base}{site.page}there"
    site.canary.seen.clear()
    assert site.ask(f"{site.base}{site.page}worker.js", {"Cookie": cookie, "Service-Worker": "script"}).status == 403
    assert site.canary.seen == []


def test_only_who_jupyter_lets_in_reaches_a_container(site: Site) -> None:
    """The server may listen where containers and neighbours reach it, and what it proxies to listens on loopback."""
    path = f"{site.base}{site.page}"
    for host in ("localhost", "127.0.0.1"):
        for headers in (
            {},
            FETCH,
            TAB,
            {"Cookie": f"drydock-pages-{site.server.port}=guessed"},
            {"Authorization": "token guessed"},
        ):
            for method in METHODS:
                answer = site.ask(path, headers, host=host, method=method)
                assert answer.status in {302, 403}
                assert "drydock-key" not in answer.to
    assert site.ask(f"{path}?drydock-key=guessed").to == site.url(site.page, "127.0.0.1")
    url, _ = site.browse(site.url(site.page))
    assert urlsplit(url).path == f"{site.base}login"
    assert site.canary.seen == []


def test_a_script_with_jupyters_token_comes_in(site: Site) -> None:
    """By the header; a page could read its own address."""
    path = f"{site.base}{site.page}"
    lead = site.ask(path, SCRIPT, host="127.0.0.1", method="POST")
    assert (lead.status, lead.to.partition("?")[0]) == (307, site.url(site.page))
    assert (
        site.ask(urlsplit(lead.to).path + "?" + urlsplit(lead.to).query, method="POST").status == 200
    )  # `curl -L` has no more
    assert site.canary.only().uri == "/"
    assert site.ask(path, SCRIPT).status == 200
    assert "Authorization" not in site.canary.only().headers
    cookie = enter(site)
    for headers in ({}, {"Cookie": cookie}, SCRIPT):
        assert site.ask(f"{path}?token={TOKEN}", headers).to == site.url(f"{site.page}?token={TOKEN}", "127.0.0.1")
    assert site.ask(f"{path}?x={TOKEN}", {"Cookie": cookie}, FETCH).status == 403
    assert site.canary.seen == []


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "localhost."])
def test_nothing_of_jupyter_answers_under_the_pages_name(site: Site, host: str) -> None:
    enter(site)
    everything = "; ".join(f"{name}={value}" for cookies in site.cookies.values() for name, value in cookies.items())
    xsrf = re.search("_xsrf=([^;]+)", everything)
    credentials = {"Cookie": everything, **SCRIPT, **({"X-XSRFToken": xsrf[1]} if xsrf else {})}
    ways = "", "api/contents", "api/status", "lab", "login", "drydock/", "drydock/api/course", "static/x", "proxy/", "metrics"
    for rest, methods in [("api/terminals", METHODS), *((one, ("GET", "POST")) for one in ways)]:
        for method in methods:
            answer = site.ask(f"{site.base}{rest}?token={TOKEN}", credentials, host=host, method=method)
            if answer.status == 302:
                assert answer.to == site.url(f"{rest}?token={TOKEN}", "127.0.0.1")
            else:
                assert answer.status in {404, 405}
            assert TOKEN not in answer.text
            assert not {"Access-Control-Allow-Origin", "Set-Cookie"} & set(answer.headers)
    assert site.terminals() == []
    # What is not there has no page of Jupyter's either: that would hold its token.
    for rest in ("proxy/1/", "proxy/99999/", "proxy/x/", "proxy/127.0.0.1:1/"):
        answer = site.ask(f"{site.base}{rest}", credentials, host=host)
        assert answer.status >= 400
        assert TOKEN not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost.evil.test", "evil.test"])
def test_jupyters_name_never_proxies(site: Site, host: str) -> None:
    port, base = site.canary.port, site.base
    ways = [
        f"proxy/{port}", f"proxy/{port}/", f"proxy/{port}/x", f"proxy/absolute/{port}/x", f"proxy/localhost:{port}/",
        f"proxy/127.0.0.1:{port}/", f"proxy/absolute/127.0.0.1:{port}/", f"proxy//{port}/", f"/proxy/{port}/",
        f"%70roxy/{port}/", f"proxy/0{port}/", f"proxy/localhost%3A{port}/", f"proxy/{port}/../{port}/",
    ]  # fmt: skip
    absolute = [f"http://localhost:{site.server.port}{base}proxy/{port}/"]
    for way in [*(base + one for one in ways), *absolute]:
        for method in METHODS if way.endswith(f"{base}{site.page}") else ("GET",):
            answer = site.ask(way, SCRIPT, {"X-Forwarded-Host": "localhost", "X-Host": "localhost"}, host=host, method=method)
            assert answer.status in {302, 307} or answer.status >= 400  # 302: Jupyter takes a slash off the end
            assert answer.to.startswith(site.url("proxy/")) if answer.status == 307 else "drydock-key" not in answer.to
    assert site.canary.seen == []


def test_the_labs_own_ports_are_refused(site: Site) -> None:
    cookie = enter(site)
    for port in (site.server.port, f"0{site.server.port}"[-5:], 15000, 0, 65536):
        assert site.ask(f"{site.base}proxy/{port}/api", {"Cookie": cookie}).status == 403


def test_a_typed_address_arrives_with_its_token_and_port(site: Site) -> None:
    assert site.ask(f"{site.base}lab?token=x&reset").to == site.url("lab?token=x&reset", "127.0.0.1")
    assert site.ask(f"{site.base}lab", port=9999).to == f"http://127.0.0.1:9999{site.base}lab"
    assert site.ask("//evil.test/").to == f"http://127.0.0.1:{site.server.port}//evil.test/"
    assert site.ask(f"http://evil.test{site.base}lab").status == 404
    lead = site.ask(f"{site.base}{site.page}", SCRIPT, host="127.0.0.1", port=9999)
    assert lead.to.startswith(f"http://localhost:9999{site.base}{site.page}?")
    assert (lead.headers["Cross-Origin-Opener-Policy"], lead.headers["Referrer-Policy"]) == ("same-origin", "no-referrer")


def test_websockets(site: Site) -> None:
    cookie = enter(site)
    own = site.url("").rstrip("/").removesuffix(site.base.rstrip("/"))
    of_jupyter = "; ".join(f"{name}={value}" for name, value in site.cookies["127.0.0.1"].items())

    hands = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    hands["Sec-WebSocket-Key"] = "MDEyMzQ1Njc4OTAxMjM0NQ=="

    async def says(path: str, headers: dict[str, str]) -> str:
        at = f"127.0.0.1:{site.server.port}"
        socket = await websocket_connect(HTTPRequest(f"ws://{at}{path}", headers=headers))
        await socket.write_message("hello")
        answer = await socket.read_message()
        socket.close()
        assert await socket.read_message() is None
        return str(answer)

    def refused(path: str, headers: dict[str, str], host: str = "localhost") -> int:
        return site.ask(path, hands, headers, host=host).status

    path = f"{site.base}{site.page}ws"
    accepted = {"Cookie": f"{cookie}; {of_jupyter}", "Origin": own, "Authorization": "Basic YTpi"}
    assert asyncio.run(says(path, {"Host": f"localhost:{site.server.port}", **accepted})) == "hello"
    assert not {"Cookie", "Authorization"} & set(site.canary.only().headers)
    assert refused(path, {"Cookie": of_jupyter, "Origin": own}) == 403
    assert refused(path, {"Cookie": cookie, "Origin": "http://localhost:1"}) == 403
    assert refused(path, {"Cookie": f"{cookie}; {of_jupyter}"}, host="127.0.0.1") in {307, 403}
    assert refused(f"{site.base}api/events/subscribe", {"Cookie": of_jupyter, **SCRIPT}) == 302
    assert site.canary.seen == []
