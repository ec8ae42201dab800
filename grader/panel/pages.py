"""What learners publish, under another host name than Jupyter's.

A page below Jupyter's own name would be Jupyter's: it could make a terminal with the visitor's cookies. (Another port would
not do, since cookies know no ports.) So Jupyter's name only leads to ``http://localhost:8888/proxy/8000/``; there a container's
page has neither Jupyter's cookies nor its origin, and nothing of Jupyter answers.

Not everybody who reaches the server may reach what listens on its loopback. Whoever Jupyter lets in is led over with a key,
which that name keeps in a cookie of its own; who comes there first is led to Jupyter, and back.
"""

import re
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server_proxy.handlers import LocalProxyHandler
from tornado import web
from tornado.httputil import HTTPHeaders, HTTPServerRequest, split_host_and_port

from grader.panel.second_name import KEY, Pages, navigates, same, without

_PUBLISHED: Final = r"proxy/{}([0-9]{{1,5}})(|/.*)"
_OF_THE_VISITOR: Final = ("Cookie", "Authorization", "Proxy-Authorization", "X-Xsrftoken")
"""Never handed on to a container, nor any other header that holds one of our secrets."""
_OF_THE_NAME: Final = (
    *("Set-Cookie", "Set-Cookie2", "Clear-Site-Data", "Service-Worker-Allowed"),
    *("Strict-Transport-Security", "Alt-Svc", "NEL", "Report-To"),
)
"""Of a container's answer: these would hold for every page of that name, or of its parent domain."""


class ToPages(JupyterHandler):
    """Below ``proxy/`` of Jupyter's own name: leads to the other one, and never proxies."""

    def initialize(self, pages: Pages) -> None:
        """Take what all handlers share."""
        self._pages = pages

    @web.authenticated
    def get(self) -> None:
        """Lead over, with the key; the method and the body stay."""
        path = self.request.path
        found = re.fullmatch(re.escape(self._pages.base) + _PUBLISHED.format("(?:absolute/)?"), path)
        if not found:
            raise web.HTTPError(404, "Only ports of this lab are served: proxy/PORT/")
        if trouble := self._pages.trouble(self.request.host_name):
            raise web.HTTPError(403, trouble)
        ours = [*self._pages.secrets, self.get_argument("token", "") if self.token_authenticated else ""]
        query = without(self.request.query, lambda name, value: name == KEY or (bool(value) and value in ours))
        asked = f"?{query}{'&' if query else ''}{KEY}={self._pages.key}"
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")  # who opened the page is not the page's business
        self.redirect(f"{self._pages.address(self.request)}{path}{'' if found[2] else '/'}{asked}", status=307)

    head = post = put = delete = patch = options = get


class Published(LocalProxyHandler):
    """What listens on a port, under the pages' name."""

    def initialize(self, pages: Pages) -> None:
        """Take what all handlers share."""
        self._pages = pages

    async def prepare(self) -> None:  # type: ignore[override]
        """Let in who has the key; take off what is the visitor's and Jupyter's.

        Jupyter's own ``prepare``, which this stands for, would let in by Jupyter's cookies.
        """
        self.current_user = None
        if self._pages.never(int(self.path_args[0])):
            raise web.HTTPError(403, "This port is the lab's own.")
        if self.request.headers.get("Service-Worker"):
            raise web.HTTPError(403, "A service worker would outlive its container.")
        arguments = [
            (name, one.decode(errors="replace")) for name, all_ in self.request.query_arguments.items() for one in all_
        ]
        if self._pages.token and any(value == self._pages.token for _, value in arguments):
            self._ask_jupyter()  # the page could read its own address
            return
        has_key = any(name == KEY and same(value, self._pages.key) for name, value in arguments)
        if not has_key and not self._may_enter():
            self._ask_jupyter()
            return
        self.request.query = without(self.request.query, lambda name, value: name == KEY or value in self._pages.secrets)
        if has_key and navigates(self.request):
            self.set_cookie(
                self._cookie, self._pages.key, path=self._pages.base, httponly=True, samesite="Lax",
                secure=self.request.protocol == "https",
            )  # fmt: skip
            self.redirect(self.request.path + (f"?{self.request.query}" if self.request.query else ""))
            return
        self._clean()

    @property
    def _cookie(self) -> str:
        """Its name: two labs of one machine share the pages' name, and cookies know no ports."""
        return f"drydock-pages-{split_host_and_port(self.request.host)[1] or self.request.protocol}"

    def _may_enter(self) -> bool:
        """Whether the cookie holds the key, or a script sends Jupyter's token."""
        scheme, _, token = str(self.request.headers.get("Authorization", "")).partition(" ")
        script = bool(self._pages.token) and scheme.lower() in {"token", "bearer"} and same(token.strip(), self._pages.token)
        return script or same(self.get_cookie(self._cookie) or "", self._pages.key)

    def _ask_jupyter(self) -> None:
        jupyter = self._pages.jupyter(self.request)
        if jupyter is None or not navigates(self.request, otherwise=self.request.method in {"GET", "HEAD"}):
            raise web.HTTPError(403, "Open this page through Jupyter, in a tab of its own.")
        query = without(self.request.query, lambda name, _: name == KEY)
        self.redirect(f"{jupyter}{self.request.path}" + (f"?{query}" if query else ""))

    def _clean(self) -> None:
        headers = self.request.headers
        for name, value in list(headers.get_all()):
            foreign = name == "Referer" and not value.startswith(f"{self._pages.address(self.request)}/")
            words = re.split(r"[\s,;=&?/]+", f"{value} {unquote_plus(value)}")
            if name in _OF_THE_VISITOR or foreign or any(one in words for one in self._pages.secrets):
                headers.pop(name, None)

    def check_origin(self, origin: str | None = None) -> bool:
        """Whether a websocket is a page's own: another page of this machine has the same cookies."""
        return origin is None or urlsplit(origin).netloc.lower() == self.request.host.lower()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Say it in plain text: Jupyter's own page of an error may hold its token."""
        error = kwargs.get("exc_info", (None, None))[1]  # type: ignore[index]
        known = isinstance(error, web.HTTPError) and status_code < 500
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(f"{error.log_message}\n" if known else f"Port {self.path_args[0]} gives no answer.\n")


class ToJupyter(web.RequestHandler):
    """All else under the pages' name: who opens it in a browser is led to Jupyter's own; nothing answers here."""

    def initialize(self, pages: Pages) -> None:
        """Take what all handlers share."""
        self._pages = pages

    def check_xsrf_cookie(self) -> None:
        """Nothing is done here that could be forged."""

    def get(self) -> None:
        """Lead over, token and all."""
        jupyter, uri = self._pages.jupyter(self.request), self.request.uri or ""
        if jupyter is None or not uri.startswith("/") or uri.startswith(f"{self._pages.base}proxy/"):
            raise web.HTTPError(404)
        self.set_header("Cache-Control", "no-store")
        self.redirect(jupyter + uri)

    head = get


class _NothingOfTheName(web.OutputTransform):
    """Keeps what a container's page says about its host name from the browser."""

    pages: Pages

    def __init__(self, request: HTTPServerRequest) -> None:
        self._theirs = request.host_name.rstrip(".") == self.pages.host

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool  # noqa: ARG002 - Tornado's
    ) -> tuple[int, HTTPHeaders, bytes]:  # fmt: skip
        """Take the headers off."""
        if self._theirs:
            key = [one for one in headers.get_list("Set-Cookie") if self.pages.key in one]
            for name in _OF_THE_NAME:
                headers.pop(name, None)
            for one in key:
                headers.add("Set-Cookie", one)
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return status_code, headers, chunk


def serve(server: ServerApp) -> None:
    """Serve pages under their own name, and nowhere else.

    These routes come before those of every other extension, jupyter-server-proxy's among them.
    """
    pages = Pages(server)
    shared, app = {"pages": pages}, server.web_app
    base = re.escape(pages.base)
    _first(app, ".*", [(rf"{base}proxy(?:/.*)?", ToPages, shared)])
    if pages.host:
        published = [
            (base + _PUBLISHED.format(kind), Published, {**shared, "absolute_url": bool(kind)}) for kind in ("", "absolute/")
        ]  # fmt: skip
        _first(app, rf"{re.escape(pages.host)}\.*", [*published, (".*", ToJupyter, shared)])
        app.add_transform(type("NothingOfTheName", (_NothingOfTheName,), {"pages": pages}))


def _first(app: web.Application, host: str, handlers: list[tuple[str, type[web.RequestHandler], dict[str, Any]]]) -> None:
    app.add_handlers(host, handlers)
    rules = app.default_router.rules
    rules.insert(0, rules.pop(-2))  # the last is Tornado's own, for any host
