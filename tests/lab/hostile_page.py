"""What a container of the tests serves: a page that works, and that tries all it can against the Jupyter that shows it.

Runs in a container; standard library only. It says on its standard output what reached it, a line of JSON for each request.
"""

import base64
import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><title>a page</title><link rel="stylesheet" href="style.css">
<h1>Penguins</h1><ul id="tries"></ul><script src="app.js"></script>"""
STYLE = "h1 { color: rgb(1, 2, 3) }"
# Every attempt ends in a word: `held`, or what it got.
SCRIPT = r"""
const jupyter = `http://127.0.0.1:${location.port}`, here = location.origin
const body = { method: 'POST', body: '{}', headers: { 'Content-Type': 'text/plain' } }
const refused = async (url, options) => {
  const answer = await fetch(url, options)
  const text = await answer.text()
  return answer.ok && answer.url === url && !text.startsWith('<!') ? `got ${text.slice(0, 80)}` : 'held'
}
const opened = url => new Promise(done => {
  const socket = new WebSocket(url)
  socket.onopen = () => done('open'), socket.onerror = () => done('held')
})
const read = frame => new Promise(done => {
  const made = document.createElement('iframe')
  made.onload = () => {
    let text = ''
    try { text = made.contentDocument.body.innerText } catch { /* another origin's */ }
    done(/token|name|terminal/.test(text) ? `got ${text.slice(0, 80)}` : 'held')
  }
  made.src = frame
  document.body.append(made)
})
const tries = {
  'its own websocket': () => new Promise(done => {
    const socket = new WebSocket(new URL('ws', location.href.replace('http', 'ws')))
    socket.onmessage = message => done(message.data), socket.onerror = () => done('no socket')
  }),
  'its own file': () => refused(new URL('style.css', location.href).href),
  cookies: () => document.cookie ? `got ${document.cookie}` : 'held',
  opener: () => window.opener ? 'got the opener' : 'held',
  address: () => /token|drydock-key/.test(location.href) ? `got ${location.href}` : 'held',
  frame: () => read(`${here}/api/contents`),
  'frame of jupyter': () => read(`${jupyter}/lab`),
  events: () => opened(`ws://${location.host}/api/events/subscribe`),
  'events of jupyter': () => opened(`ws://127.0.0.1:${location.port}/api/events/subscribe`),
  worker: async () => { await navigator.serviceWorker.register('worker.js'); return 'registered' },
}
for (const path of ['/api/contents', '/api/terminals', '/api/kernels', '/drydock/api/course', '/lab', '/proxy/']) {
  for (const [name, origin] of Object.entries({ own: here, jupyter })) {
    for (const credentials of ['omit', 'include']) {
      tries[`read ${path} ${name} ${credentials}`] = () => refused(origin + path, { credentials })
      tries[`post ${path} ${name} ${credentials}`] = () => refused(origin + path, { credentials, ...body })
    }
    tries[`post ${path} ${name} blindly`] = async () => {
      await fetch(origin + path, { mode: 'no-cors', credentials: 'include', ...body }); return 'held'
    }
  }
}
const list = document.getElementById('tries')
const all = Object.entries(tries).map(async ([name, attempt]) => {
  let word
  try { word = await attempt() } catch { word = 'held' }
  const item = document.createElement('li')
  item.textContent = `${name}: ${word}`
  list.append(item)
})
Promise.all(all).then(() => { document.body.dataset.tried = all.length })
"""
SERVED = {
    "/": ("text/html", PAGE),
    "/style.css": ("text/css", STYLE),
    "/app.js": ("text/javascript", SCRIPT),
    "/worker.js": ("text/javascript", "/* a service worker */"),
}
ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Hostile(BaseHTTPRequestHandler):
    """Serves the page, and a websocket that says hello."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer, and say what came."""
        print(json.dumps({"path": self.path, "headers": self.headers.items()}), flush=True)
        if "Sec-WebSocket-Key" in self.headers:
            digest = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + ACCEPT).encode(), usedforsecurity=False).digest()
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
            self.end_headers()
            self.wfile.write(b"\x81\x05hello")
            self.rfile.read(1)  # until the other end closes
            return
        kind, text = SERVED.get(self.path, ("text/plain", ""))
        self.send_response(200 if self.path in SERVED else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Set-Cookie", "_xsrf=theirs; Path=/")
        self.send_header("Service-Worker-Allowed", "/")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self) -> None:
        """The same."""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing else."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(sys.argv[1])), Hostile).serve_forever()
