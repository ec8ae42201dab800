"""Serve the penguin model.

    GET /          {"greeting": …, "started": …}
    GET /species?flipper_length_mm=219&bill_length_mm=46.8

Started as `python app.py` it is what clients use. Started as `python app.py --reload` it begins again whenever this file is
saved: for those who work on it.
"""

import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

GREETING = "Good morning, penguins!"

STARTED = datetime.now(UTC).isoformat()


def species_of(flipper_length_mm, bill_length_mm):
    """Name the species: two questions are enough for most penguins."""
    if flipper_length_mm > 206:
        return "Gentoo"
    return "Chinstrap" if bill_length_mm > 44 else "Adelie"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self):
        """Greet, or predict."""
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            if url.path == "/":
                self.answer(200, {"greeting": GREETING, "started": STARTED})
            elif url.path == "/species":
                self.answer(200, {"species": species_of(float(asked["flipper_length_mm"]), float(asked["bill_length_mm"]))})
            else:
                self.answer(404, {"error": "no such page"})
        except (ValueError, KeyError):
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


def begin_again_when_saved():
    """Watch this file; when it changes, become a new process with the new program."""
    file = Path(__file__)
    before = file.stat().st_mtime_ns
    while True:
        time.sleep(0.2)
        if file.exists() and file.stat().st_mtime_ns != before:
            print("penguins: app.py has changed, beginning again", flush=True)
            os.execv(sys.executable, [sys.executable, *sys.argv])


if "--reload" in sys.argv:
    print("penguins: watching app.py", flush=True)
    threading.Thread(target=begin_again_when_saved, daemon=True).start()
print("penguins: listening on port 8000", flush=True)
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
