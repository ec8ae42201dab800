"""The second name of a Jupyter server, the key that lets in there, and how an address is read and made."""

import hmac
import re
import secrets
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote_plus, urlsplit

from jupyter_server.serverapp import ServerApp
from tornado.httputil import HTTPServerRequest, split_host_and_port

from grader import settings

KEY: Final = "drydock-key"
"""The argument of an address that carries the key from one name to the other."""
_LOCALHOST: Final = "localhost"
_MIRROR: Final = 15000


class Pages:
    """The second name of a Jupyter server.

    Attributes:
        host: that name, in lower case; empty where the setting is no name: then nothing is served.
        key: lets in who has it; another one for each start of the server.
    """

    def __init__(self, server: ServerApp) -> None:
        given = settings.pages_host()
        self.host = given if re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", given) else ""
        self.key = secrets.token_urlsafe(32)
        self._server = server

    @property
    def base(self) -> str:
        """Jupyter's base URL, with a slash at both ends."""
        return str(self._server.base_url)

    @property
    def secrets(self) -> list[str]:
        """What no page may see."""
        return [one for one in (self.key, self.token) if one]

    @property
    def token(self) -> str:
        """Jupyter's own; may be empty."""
        return str(self._server.identity_provider.token)

    def never(self, port: int) -> bool:
        """Whether a port belongs to the lab itself."""
        return port in {self._server.port, _MIRROR} or not 0 < port < 2**16

    def trouble(self, visited: str) -> str:
        """Why pages cannot be served to who sees Jupyter under a name; empty where they can.

        Args:
            visited: that name, without its port.
        """
        name = visited.strip("[]").rstrip(".")
        if not self.host:
            return "DRYDOCK_PAGES_HOST is not the name of a host."
        if self.host == _LOCALHOST and not _is_here(name):
            return "Pages need a second name of this server: set DRYDOCK_PAGES_HOST, and see docs/containment.md."
        if f".{name}".endswith(f".{self.host}") or self.host.endswith(f".{name}"):  # they could set cookies for each other
            return "DRYDOCK_PAGES_HOST must be a name apart from Jupyter's own: neither the same, nor above it, nor below it."
        return ""

    def address(self, request: HTTPServerRequest) -> str:
        """Where pages are for the sender of a request: scheme, name, and the port that they used."""
        return _address(request, self.host)

    def jupyter(self, request: HTTPServerRequest) -> str | None:
        """The same for Jupyter, where its name is known."""
        shown = urlsplit(self._server.custom_display_url or "").hostname
        if shown and shown != self.host:
            return _address(request, f"[{shown}]" if ":" in shown else shown)
        return _address(request, "127.0.0.1") if self.host == _LOCALHOST else None


def _is_here(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == _LOCALHOST or name.endswith(f".{_LOCALHOST}")


def _address(request: HTTPServerRequest, host: str) -> str:
    port = split_host_and_port(request.host)[1]
    return f"{request.protocol}://{host}" + (f":{port}" if port else "")


def same(one: str, other: str) -> bool:
    """Whether two texts are the same; takes as long for any."""
    return hmac.compare_digest(one.encode(), other.encode())


def without(query: str, drop: Callable[[str, str], bool]) -> str:
    """A query without some of its arguments; the others stay as they were written."""
    arguments = [(one, *one.partition("=")) for one in query.split("&")]
    return "&".join(one for one, name, _, value in arguments if not drop(unquote_plus(name), unquote_plus(value)))


def navigates(request: HTTPServerRequest, *, otherwise: bool | None = None) -> bool:
    """Whether a browser opens an address in a tab.

    Args:
        request: the request.
        otherwise: what is said of a request that does not tell; None: by what it accepts.
    """
    if request.method not in {"GET", "HEAD"} or "Upgrade" in request.headers:
        return False
    if mode := request.headers.get("Sec-Fetch-Mode"):
        return mode == "navigate" and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    return "text/html" in request.headers.get("Accept", "") if otherwise is None else otherwise
