"""A small web service that says whether it works, and can be made to fail.

    GET  /              {"service": "penguins"}, whatever happens
    GET  /health        {"status": "ok"}; status 500 when it is broken; no answer at all while it hangs
    POST /trouble       {"how": "error"}, {"how": "hang"} or {"how": "none"}: makes /health do so
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8000
HANG_SECONDS = 120
trouble = {"how": "none"}
well_again = threading.Event()


class Penguins(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.partition("?")[0] != "/health":
            return self.answer(200, {"service": "penguins"}) if self.path == "/" else self.answer(404, {"error": "no such page"})
        if trouble["how"] == "hang":
            well_again.wait(HANG_SECONDS)
        if trouble["how"] == "error":
            return self.answer(500, {"status": "the model is lost"})
        return self.answer(200, {"status": "ok"})

    do_HEAD = do_GET

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path != "/trouble" or asked.get("how") not in ("error", "hang", "none"):
            return self.answer(404, {"error": "no such trouble"})
        trouble["how"] = asked["how"]
        well_again.clear() if asked["how"] == "hang" else well_again.set()
        return self.answer(200, trouble)

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


if __name__ == "__main__":
    print(f"listening on port {PORT}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", PORT), Penguins).serve_forever()
