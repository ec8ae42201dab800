"""Serve the penguin model: POST /predict with measurements; the answer has the species, and which container it comes from.

    GET  /health    {"status": "ok"}
    POST /predict   {"species": "Gentoo", "container": "3f2a9c41d07e"}

The model thinks for a fifth of a second. That stands for a larger one.
"""

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTAINER = socket.gethostname()  # the first letters of the container's id, unless somebody has set a host name
THINKS_SECONDS = 0.2


def species_of(penguin):
    """Name the species: two questions are enough for most penguins."""
    if penguin["flipper_length_mm"] > 206:
        return "Gentoo"
    return "Chinstrap" if penguin["bill_length_mm"] > 44 else "Adelie"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self):
        """Say that the service is alive."""
        self.answer(200, {"status": "ok"}) if self.path == "/health" else self.answer(404, {"error": "no such page"})

    def do_POST(self):
        """Predict."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(THINKS_SECONDS)
        try:
            self.answer(200, {"species": species_of(json.loads(body)), "container": CONTAINER})
        except (ValueError, KeyError, TypeError):
            self.answer(400, {"error": "bill_length_mm and flipper_length_mm are needed, as numbers"})

    def answer(self, status, content):
        """Send an answer."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, text, *values):
        """Write a line for each request."""
        print(CONTAINER, text % values, flush=True)


print(f"penguins: {CONTAINER} listens on port 8000", flush=True)
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
