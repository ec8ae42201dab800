"""The penguin model as a service: predictions on port 8000, a count of them on port 5000."""

import http.server
import os
import sys
import threading

from model import classify, load

HOST = sys.argv[1] if len(sys.argv) > 1 else "0.0.0.0"  # noqa: S104 - a container's ports are opened by -p alone
GENTOO = [47.0, 15.0, 218.0, 5100.0]
model = load()
answered: list[str] = []


class Predictions(http.server.BaseHTTPRequestHandler):
    """Four numbers in the address make a penguin; without any, it is a Gentoo."""

    def text(self) -> str:
        """Return what the address asks for."""
        numbers = [float(part) for part in self.path.split("/") if part.isdigit()] or GENTOO
        if len(numbers) != 4:
            return "four numbers, please: /bill length/bill depth/flipper length/body mass"
        answered.append(self.path)
        return f"{classify(model, numbers)[0]} ({os.environ.get('MODE', 'normal')} mode)"

    def do_GET(self) -> None:  # noqa: D102
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(f"{self.text()}\n".encode())

    def log_message(self, *_: object) -> None:  # noqa: D102
        pass


class Count(Predictions):
    """How many predictions there were."""

    def text(self) -> str:
        """Return it as a line."""
        return f"predictions so far: {len(answered)}"


for port, answer in ((8000, Predictions), (5000, Count)):
    threading.Thread(target=http.server.ThreadingHTTPServer((HOST, port), answer).serve_forever).start()
print("ready", flush=True)
