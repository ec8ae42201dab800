"""Serve the penguin model to those who know the token.

    GET  /health    {"status": "ok"}, for everybody
    POST /predict   measurements in, species out, for requests with the header  Authorization: Bearer TOKEN

Settings, from the environment:

    API_TOKEN_FILE  a file that holds the token; it is read for each request
    API_TOKEN       the token itself, where API_TOKEN_FILE is not set
    LOG_LEVEL       info (a line for each request) or debug (its headers, too); info by default
"""

import json
import os
import sys
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOKEN_FILE = os.environ.get("API_TOKEN_FILE", "")
DEBUG = os.environ.get("LOG_LEVEL", "info") == "debug"


def token():
    """Return the token that clients must know."""
    return Path(TOKEN_FILE).read_text(encoding="utf-8").strip() if TOKEN_FILE else os.environ.get("API_TOKEN", "")


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
        """Predict, for those who know the token."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not compare_digest(self.headers.get("Authorization", "").encode(), f"Bearer {token()}".encode()):
            self.answer(401, {"error": "this request does not have the right token"})
            return
        try:
            self.answer(200, {"species": species_of(json.loads(body))})
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
        print(text % values, flush=True)
        if DEBUG:
            print("  headers:", dict(self.headers), flush=True)


try:
    if not token():
        sys.exit("penguins: neither API_TOKEN_FILE nor API_TOKEN says what the token is")
except OSError as error:
    sys.exit(f"penguins: the token cannot be read: {error}")
print("penguins: listening on port 8000", flush=True)
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
