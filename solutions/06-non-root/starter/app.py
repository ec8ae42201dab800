"""Keep a list of penguins that were seen. Needs Python and nothing else.

    GET  /health       {"status": "ok"}
    POST /sightings    {"species": "Gentoo", "count": 3} is added to the list: status 201
    GET  /sightings    how many of each species were seen so far

The list is the file sightings.csv in the folder DATA_DIR (an environment variable; /data when it is not set).
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LIST = Path(os.environ.get("DATA_DIR", "/data")) / "sightings.csv"


def add(species, count):
    """Add a line to the list."""
    with LIST.open("a", encoding="utf-8") as file:
        file.write(f"{species},{count}\n")


def seen():
    """Add up the list."""
    total = {}
    for line in LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []:
        species, count = line.split(",")
        total[species] = total.get(species, 0) + int(count)
    return total


class Handler(BaseHTTPRequestHandler):
    """Answers requests."""

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        match self.path:
            case "/health":
                self.answer(200, {"status": "ok"})
            case "/sightings":
                try:
                    self.answer(200, seen())
                except OSError as error:
                    self.answer(500, {"error": str(error)})
            case _:
                self.answer(404, {"error": "there is nothing here"})

    def do_POST(self):
        try:
            sighting = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            species, count = str(sighting["species"]).replace(",", " "), int(sighting["count"])
        except (ValueError, KeyError, TypeError):
            self.answer(400, {"error": "expected a species and a count"})
            return
        try:
            add(species, count)
        except OSError as error:
            self.answer(500, {"error": str(error)})
            return
        self.answer(201, {"added": count})


if __name__ == "__main__":
    print(f"serving on port 8000, keeping the list in {LIST}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
