"""Where the engine is: found as the docker command finds it, from its variables, its contexts and their certificates."""

import hashlib
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError
from docker.tls import TLSConfig
from requests.exceptions import Timeout

from grader import settings
from grader.values.errors import EngineUnavailable

DEFAULT: Final = "default"
"""The context that there always is, and the builder of its engine."""
_START: Final = "Start it (`make engine` in Drydock's folder, or Docker Desktop), then try again."
_TLS: Final = "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use a context that has the certificates."
_LIST: Final = "`docker context ls` shows those that there are, `docker context use NAME` chooses one."


@dataclass(frozen=True)
class Endpoint:
    """Where to connect to.

    Attributes:
        address: e.g. ``unix:///var/run/docker.sock``, ``tcp://build.example:2376``, ``ssh://me@build.example``.
        tls: certificates to show and to expect; None for none.
    """

    address: str
    tls: TLSConfig | None = None


def context() -> str:
    """The name of the context that the docker command uses; the engine's own builder has the same."""
    if settings.docker_host():
        return DEFAULT
    return settings.docker_context() or str(_client_settings().get("currentContext") or DEFAULT)


def find() -> Endpoint:
    """Find the engine's address.

    Raises:
        EngineUnavailable: the context is not there any more, or its certificates cannot be read.
    """
    name = context()
    folder = settings.docker_client_folder()
    if name == DEFAULT:
        certificates = settings.docker_certificates() or folder
        verify = settings.docker_tls_verify()
        if verify and not (certificates / "ca.pem").is_file():
            message = f"The docker client is to use TLS, and there are no certificates in {certificates} (ca.pem)."
            raise EngineUnavailable(message, _TLS)
        tls = _tls(certificates, verify=verify) if settings.docker_tls() else None
        return Endpoint(settings.docker_host() or DEFAULT_UNIX_SOCKET.replace("http+unix", "unix"), tls)
    where = hashlib.sha256(name.encode()).hexdigest()
    about = _json(folder / "contexts" / "meta" / where / "meta.json").get("Endpoints", {}).get("docker", {})
    if not about.get("Host"):
        named = "DOCKER_CONTEXT names it" if settings.docker_context() else f"{folder / 'config.json'} names it"
        raise EngineUnavailable(f"The docker client's context {name} does not exist; {named}.", _LIST)
    certificates = folder / "contexts" / "tls" / where / "docker"
    skip = bool(about.get("SkipTLSVerify"))
    tls = _tls(certificates, verify=not skip) if certificates.is_dir() or skip else None
    return Endpoint(str(about["Host"]), tls)


def silent(where: Endpoint, error: Exception) -> EngineUnavailable:
    """The fault for an engine that did not answer: with the reason, as far as it can be told.

    Args:
        where: it should be.
        error: what connecting or asking ended with.
    """
    reason, next_step = _reason(where, error)
    return EngineUnavailable(f"No Docker engine answers at {where.address}: {reason}.", next_step)


def _reason(where: Endpoint, error: Exception) -> tuple[str, str]:
    for one in _chain(error):
        if isinstance(one, ssl.SSLError):
            return (
                f"TLS failed ({getattr(one, 'reason', '') or one})",
                "Are the certificates those of this engine, and still valid?",
            )
        if isinstance(one, FileNotFoundError):
            return "there is no such socket", _START
        if isinstance(one, PermissionError):
            return "your user may not use that socket (permission denied)", "Add your user to the socket's group, log in again."
        if isinstance(one, ConnectionRefusedError):
            return "nothing listens there (connection refused)", _START
        if isinstance(one, socket.gaierror):
            return "there is no machine of that name", "Look at DOCKER_HOST, or at the context's address."
        if isinstance(one, Timeout | TimeoutError):
            return "no answer in time", "Is the machine on, and is there a way to it?"
    said = " ".join(str(error).split())
    if "HTTP request to an HTTPS server" in said or (isinstance(error, APIError) and "HTTPS" in said):
        return "it speaks TLS, and was asked without", _TLS
    if "paramiko" in said:
        return "for ssh:// the Python package paramiko is needed", "`pip install paramiko` beside the grader."
    if where.tls is None and where.address.startswith("tcp://") and "RemoteDisconnected" in said:
        return "it ended the connection without an answer", _TLS
    return said[:200] or type(error).__name__, _START


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that led to it, in whichever way a library keeps it."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or one in seen:
            continue
        seen.append(one)
        yield one
        inner = [*one.args, getattr(one, "reason", None)]
        waiting += [one.__cause__, one.__context__, *(each for each in inner if isinstance(each, BaseException))]


def _tls(folder: Path, *, verify: bool) -> TLSConfig:
    ca, cert, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    pair = (str(cert), str(key)) if cert.is_file() and key.is_file() else None
    return TLSConfig(client_cert=pair, ca_cert=str(ca) if verify and ca.is_file() else None, verify=verify)


def _client_settings() -> dict[str, object]:
    return _json(settings.docker_client_folder() / "config.json")


def proxies() -> bool:
    """Whether the docker client gives containers and builds proxies of its own settings."""
    return bool(_client_settings().get("proxies"))


def _json(path: Path) -> dict:  # type: ignore[type-arg]  # as somebody else wrote it
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
