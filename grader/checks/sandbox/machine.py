"""Asking the ports of the sandbox's machine: from the machine itself, or as a neighbour in its network would."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress

from grader.checks.http import Response
from grader.engine import wait
from grader.engine.sandbox.nested import Sandbox
from grader.engine.sandbox.parts import ADDRESS

LOCAL = "127.0.0.1"
"""How the machine calls itself."""
NETWORK = ADDRESS
"""How the machine would be known to its neighbours."""

# Runs in the sandbox's network namespace. One JSON object out; an empty one when nobody answers.
_ASK = """
import base64, json, sys, urllib.error, urllib.request
method, url, headers, body, seconds = json.loads(sys.argv[1])
request = urllib.request.Request(url, method=method, headers=headers, data=base64.b64decode(body) or None)
try:
    answer = urllib.request.urlopen(request, timeout=seconds)
except urllib.error.HTTPError as error:
    answer = error
except OSError as error:
    sys.exit(json.dumps({"error": str(error)}))
content = base64.b64encode(answer.read(10**6)).decode()
print(json.dumps({"status": answer.status, "headers": dict(answer.headers), "body": content}))
"""


def ask(
    engine: Sandbox,
    port: int,
    path: str = "/",
    *,
    host: str = LOCAL,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = 5,
    within: float = 0,
) -> Response | None:
    """Ask a port of the machine; None when nobody answers.

    Args:
        engine: the sandbox.
        port: a published port.
        path: of the URL.
        host: LOCAL, or NETWORK to come as somebody else in the network would.
        method: of the request.
        body: of the request.
        headers: of the request.
        seconds: to wait for an answer.
        within: ask again until somebody answers, so many seconds: a program needs a moment until it listens.
    """
    call = json.dumps([method, f"http://{host}:{port}{path}", dict(headers or {}), base64.b64encode(body).decode(), seconds])

    def once() -> Response | None:
        said = engine.python(_ASK, call, seconds=seconds + 5)
        if said.returncode != 0:
            return None
        answer = json.loads(said.stdout)
        return Response(
            request=f"{method} {path}",
            status=answer["status"],
            headers={name.lower(): value for name, value in answer["headers"].items()},
            body=base64.b64decode(answer["body"]),
            duration_s=0.0,
        )

    with suppress(wait.WaitTimeout):
        return wait.until(once, seconds=within, cancelled=engine.session.cancelled, every=0.3)
    return None
