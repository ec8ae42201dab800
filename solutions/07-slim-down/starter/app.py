"""A small web service with a model.

    GET /health         {"status": "ok"}
    GET /model          checksums of the model's two files
    GET /average/A/B…   the average of the numbers; what was asked is written to log/asked.txt
"""

import json
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import drydock_beaks

PORT = 8000
HERE = Path(__file__).parent
MODEL, LOG = HERE / "model", HERE / "log"


class Penguins(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            match self.path.strip("/").split("/"):
                case ["health"]:
                    self.answer(200, {"status": "ok"})
                case ["model"]:
                    names = ("weights.bin", "index.bin")
                    self.answer(200, {name: sha256((MODEL / name).read_bytes()).hexdigest() for name in names})
                case ["average", *numbers] if numbers:
                    average = drydock_beaks.average(float(number) for number in numbers)
                    with (LOG / "asked.txt").open("a", encoding="utf-8") as log:
                        log.write(f"{self.path}\n")
                    self.answer(200, {"average": average})
                case _:
                    self.answer(404, {"error": "no such page"})
        except ValueError as error:
            self.answer(404, {"error": str(error)})
        except OSError as error:
            self.answer(500, {"error": str(error)})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"listening on port {PORT}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", PORT), Penguins).serve_forever()
