"""A small web service about beaks.

    GET /health         {"status": "ok"}
    GET /average/A/B…   the average of the numbers, as drydock_beaks computes it
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import drydock_beaks

PORT = 8000


class Beaks(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "ok"})
        try:
            _, word, *numbers = self.path.split("/")
            if word != "average":
                raise ValueError("no such page")
            return self.answer(200, {"average": drydock_beaks.average(float(number) for number in numbers)})
        except (ValueError, ZeroDivisionError) as error:
            return self.answer(404, {"error": str(error)})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"listening on port {PORT}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", PORT), Beaks).serve_forever()
