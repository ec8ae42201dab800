"""Serve the model with a database that keeps every prediction, and a cache that may be lost at any time.

    GET  /health        status, release and container
    POST /predict       four measurements in, the species out, and whether the model or the cache knew it
    GET  /predictions   how many were kept, of each species

The environment says where they are: DATABASE_URL, DB_PASSWORD_FILE (a file with its password) and CACHE_HOST. The service has
no patience: it connects to its database once, when it starts, and ends when that fails, or when it loses it. Started with
--reload it begins again when this file is saved.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
from model import classify, load

RELEASE = 1
CONTAINER = socket.gethostname()
CACHE_HOST = os.environ.get("CACHE_HOST", "")
FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
TABLE = "CREATE TABLE IF NOT EXISTS predictions (at timestamptz DEFAULT now(), species text)"


def database() -> psycopg.Connection:
    """Connect, and make the table where there is none."""
    login = {}
    if file := os.environ.get("DB_PASSWORD_FILE"):
        login["password"] = Path(file).read_text(encoding="utf-8").strip()
    try:
        connection = psycopg.connect(os.environ.get("DATABASE_URL", ""), connect_timeout=5, autocommit=True, **login)
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(1)")  # three of us may start at the same time
            connection.execute(TABLE)
    except psycopg.Error as error:
        sys.exit(f"no database, so I give up: {' '.join(str(error).split())}")
    return connection


def cached(*command: str) -> str | None:
    """Ask Redis in its own protocol; None where it knows nothing, or is away."""
    try:
        with socket.create_connection((CACHE_HOST, 6379), 0.5) as connection, connection.makefile("rb") as answer:
            sent = "".join(f"${len(part.encode())}\r\n{part}\r\n" for part in command)
            connection.sendall(f"*{len(command)}\r\n{sent}".encode())
            kind = answer.readline()
            return answer.readline().decode().strip() if kind.startswith(b"$") and kind != b"$-1\r\n" else None
    except OSError:
        return None


def predict(body: bytes) -> dict[str, str]:
    """Answer a request, from the cache if it was asked before, and keep the answer."""
    numbers = [float(json.loads(body)[feature]) for feature in FEATURES]
    key = " ".join(map(str, numbers))
    known = cached("GET", key)
    if known is None:
        time.sleep(0.5)  # this stands for a larger model
    species = known or classify(load(), numbers)[0]
    ROWS.execute("INSERT INTO predictions (species) VALUES (%s)", (species,))
    cached("SET", key, species)
    return {"species": species, "by": "cache" if known else "model", "container": CONTAINER}


def counts() -> dict[str, int]:
    """Count what was kept."""
    return dict(ROWS.execute("SELECT species, count(*) FROM predictions GROUP BY species ORDER BY species").fetchall())


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self) -> None:
        """Say how the service is, or what was predicted."""
        if self.path == "/predictions":
            self.answer(counts)
        else:
            self.answer(lambda: {"status": "ok", "release": RELEASE, "container": CONTAINER})

    def do_POST(self) -> None:
        """Predict."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(lambda: predict(body))

    def answer(self, work) -> None:
        """Send what some work results in, as JSON; without a database, end."""
        try:
            status, content = 200, work()
        except (KeyError, TypeError, ValueError) as error:
            status, content = 400, {"error": f"expected four numbers: {error}"}
        except psycopg.OperationalError:
            print("the database is gone, so I give up", flush=True)
            os._exit(1)
        body = json.dumps(content).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet: this log is for what matters."""


def reload() -> None:
    """Begin again when this file is saved."""
    file = Path(__file__)
    before = file.stat().st_mtime_ns
    while file.stat().st_mtime_ns == before:
        time.sleep(0.2)
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606  # the same program again


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ROWS = database()
    if "--reload" in sys.argv:
        threading.Thread(target=reload, daemon=True).start()
    print(f"release {RELEASE}, ready on port 8000", flush=True)
    ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()  # noqa: S104  # a container's own addresses
