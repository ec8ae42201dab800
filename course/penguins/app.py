"""Serve the model over HTTP, on port 8000. The server is Python's own; model.py brings what the model needs.

    GET  /health    {"status": "ok"}; status 500 where the model cannot be read
    POST /predict   four measurements in, the species and its probability out

The environment may name the file of the model (MODEL), and a file that is to keep all predictions (PREDICTIONS).
"""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from pathlib import Path

from model import FILE, classify, load

MODEL = os.environ.get("MODEL", FILE)
PREDICTIONS = os.environ.get("PREDICTIONS")
FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


def predict(body: bytes) -> dict[str, object]:
    """Return the answer to a request.

    Raises:
        ValueError: the request does not hold the four measurements.
        OSError: the model cannot be read, or the prediction cannot be kept.
    """
    try:
        asked = json.loads(body)
        numbers = [float(asked[feature]) for feature in FEATURES]
    except (KeyError, TypeError, ValueError):
        raise ValueError("expected the numbers " + ", ".join(FEATURES)) from None
    if not all(0 < number < inf for number in numbers):
        raise ValueError("a measurement is a positive number")
    species, probability = classify(load(MODEL), numbers)  # read each time: a new model counts at once
    if PREDICTIONS:
        with Path(PREDICTIONS).open("a", encoding="utf-8") as file:
            file.write(",".join(map(str, numbers)) + f",{species}\n")
    return {"species": species, "probability": round(probability, 3)}


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    timeout = 10  # for a client that connects and says nothing

    def do_GET(self) -> None:
        """Answer whether the service can do its work."""
        if self.path != "/health":
            return self.answer(404, {"error": "there is nothing here"})
        try:
            load(MODEL)
        except (OSError, ValueError) as error:
            return self.answer(500, {"status": f"no model: {error}"})
        return self.answer(200, {"status": "ok"})

    def do_POST(self) -> None:
        """Answer which penguin it is."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/predict":
            return self.answer(404, {"error": "there is nothing here"})
        try:
            return self.answer(200, predict(body))
        except ValueError as error:
            return self.answer(400, {"error": str(error)})
        except OSError as error:
            return self.answer(500, {"error": str(error)})

    def answer(self, status: int, content: dict[str, object]) -> None:
        """Send JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form: str, *values: object) -> None:
        """Write to the log who asked for what; not the health checks, of which there are thousands a day."""
        if self.path != "/health":
            print(form % values, flush=True)


class Server(ThreadingHTTPServer):
    """Closes when the requests under way are answered."""

    daemon_threads = False


def main() -> None:
    """Serve until asked to stop (docker stop: SIGTERM, Ctrl-C: SIGINT)."""
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: sys.exit(0))
    with Server(("0.0.0.0", 8000), Handler) as server:  # noqa: S104  # a container's own addresses
        print("ready on port 8000", flush=True)
        try:
            server.serve_forever()
        finally:
            print("asked to stop: no new requests, those under way are answered", flush=True)


if __name__ == "__main__":
    main()
