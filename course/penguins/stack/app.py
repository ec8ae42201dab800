"""Serve the model, and keep what was asked: every prediction becomes a row in a PostgreSQL database.

    GET  /health        status and station; says nothing about the database
    POST /predict       four measurements in, the species out; kept
    GET  /predictions   how many were kept, of each species

The environment names the database (DATABASE_URL), and the place where the measurements are taken (STATION).
"""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
from model import classify, load

RELEASE = 1
STATION = os.environ.get("STATION", "unknown")
DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit("DATABASE_URL is not set: where is the database?")
PATIENCE = 30  # seconds for a database that is still starting
FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
TABLE = "CREATE TABLE IF NOT EXISTS predictions (at timestamptz DEFAULT now(), station text, species text)"


def database() -> psycopg.Connection:
    """Connect, and make the table where there is none."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = psycopg.connect(DATABASE_URL, connect_timeout=5, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
        else:
            connection.execute("SELECT pg_advisory_lock(1)")  # two requests may both be the first
            connection.execute(TABLE)
            return connection


def predict(body: bytes) -> dict[str, str]:
    """Answer a request, and keep the answer."""
    asked = json.loads(body)
    species, _ = classify(load(), [float(asked[feature]) for feature in FEATURES])
    with database() as rows:
        rows.execute("INSERT INTO predictions (station, species) VALUES (%s, %s)", (STATION, species))
    return {"species": species, "station": STATION}


def counts() -> dict[str, int]:
    """Count what was kept."""
    with database() as rows:
        return dict(rows.execute("SELECT species, count(*) FROM predictions GROUP BY species ORDER BY species").fetchall())


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self) -> None:
        """Say how the service is, or what was predicted."""
        if self.path == "/predictions":
            self.answer(counts)
        else:
            self.answer(lambda: {"status": "ok", "station": STATION, "release": RELEASE})

    def do_POST(self) -> None:
        """Predict."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(lambda: predict(body))

    def answer(self, work) -> None:
        """Send what some work results in, as JSON."""
        try:
            status, content = 200, work()
        except (KeyError, TypeError, ValueError) as error:
            status, content = 400, {"error": f"expected four numbers: {error}"}
        except psycopg.Error as error:
            status, content = 503, {"error": f"no database: {' '.join(str(error).split())}"}
        body = json.dumps(content).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"release {RELEASE} for station {STATION}, ready on port 8000", flush=True)
    ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()  # noqa: S104  # a container's own addresses
