"""Connecting to the engine, and the one border where its errors become ours."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import docker
import requests
from docker.constants import DEFAULT_DOCKER_API_VERSION
from docker.errors import APIError, DockerException, ImageNotFound

from grader.diagnose.engine_trouble import IS_IT_RUNNING, disk_is_full
from grader.engine.endpoint import Endpoint, find, silent
from grader.values.errors import EngineUnavailable, ImageUnavailable

MINIMUM_VERSION = (23, 0)
"""The first engine that builds with BuildKit by default."""

REQUEST_SECONDS = 60
"""Longest wait for one answer of the engine's API."""
_FIRST_SECONDS = 20
"""Longest wait for its first one."""


def connect(
    api_version: str | None = None, address: str | None = None, *, seconds: int = REQUEST_SECONDS
) -> docker.DockerClient:
    """Connect to an engine.

    Args:
        api_version: skip asking for the version, where it is known from an earlier connection.
        address: of the engine; by default the one that the docker client uses.
        seconds: longest wait for one answer, and for the next part of one that goes on.

    Raises:
        EngineUnavailable: none answers, or it is older than MINIMUM_VERSION.
    """
    if api_version is None:
        about = _about(address)
        api_version = str(about["ApiVersion"])
    return _client(api_version, _where(address), seconds)


def _where(address: str | None) -> Endpoint:
    return find() if address is None else Endpoint(address)


def _client(api_version: str, where: Endpoint, seconds: int) -> docker.DockerClient:
    return docker.DockerClient(
        base_url=where.address,
        version=api_version,
        timeout=seconds,
        max_pool_size=16,
        tls=where.tls or False,
        use_ssh_client=True,  # as the docker command does: with the user's own keys and hosts
    )


def _about(address: str | None) -> dict[str, Any]:
    """What the engine says of itself, when it is new enough."""
    where = _where(address)
    try:
        # Asked here, not by version="auto": where nobody listens, the SDK leaves its sockets open.
        if where.address.startswith("unix://"):
            with socket.socket(socket.AF_UNIX) as trial:
                trial.connect(where.address.removeprefix("unix://"))
        first = _client(DEFAULT_DOCKER_API_VERSION, where, _FIRST_SECONDS)
        with closing(first):
            about: dict[str, Any] = first.api.version(api_version=False)
        version = str(about["Version"])
    except (DockerException, requests.exceptions.RequestException, OSError, ValueError, LookupError, TypeError) as error:
        raise silent(where, error) from error
    numbers = tuple(int(part) for part in version.split("+", maxsplit=1)[0].split(".")[:2] if part.isdigit())
    if numbers < MINIMUM_VERSION:
        raise EngineUnavailable(
            f"The Docker engine at {where.address} is version {version}; Drydock needs {MINIMUM_VERSION[0]} or newer.",
            "Update it: https://docs.docker.com/engine/install/",
        )
    return about


@contextmanager
def translated() -> Iterator[None]:
    """Turn the SDK's and the transport's errors into faults; APIErrors about the learner's work pass through.

    Raises:
        EngineUnavailable, DiskFull, ImageUnavailable: see there.
    """
    try:
        yield
    except ImageNotFound as error:
        raise ImageUnavailable(
            f"An image that the grader needs is not in the engine: {error.explanation or error}.",
            "`make engine` gets or builds the base images.",
        ) from error
    except APIError as error:
        said = str(error.explanation or error).lower()
        if "no space left on device" in said and error.is_server_error():
            raise disk_is_full() from error
        if error.response is not None and error.response.status_code in {502, 503}:
            raise EngineUnavailable("The Docker engine is shutting down.", IS_IT_RUNNING) from error
        raise
    except requests.exceptions.Timeout as error:
        raise EngineUnavailable(f"The Docker engine gave no answer for {REQUEST_SECONDS} s.", IS_IT_RUNNING) from error
    except (requests.exceptions.RequestException, ConnectionError) as error:
        raise EngineUnavailable("The Docker engine went away in the middle of the run.", IS_IT_RUNNING) from error
