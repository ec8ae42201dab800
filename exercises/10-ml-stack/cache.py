"""A cache in Redis that may be lost at any time: where it does not answer, there is nothing in it.

Redis is spoken to in its own protocol, so that this needs no package: a command is an array of strings.
"""

import socket
import sys
from urllib.parse import unquote, urlsplit

SECONDS = 0.5  # a cache that is slower than this is no help


class Cache:
    """Texts by their names, in the Redis that an address names: redis://:PASSWORD@HOST:PORT, password and port may be left out."""

    def __init__(self, url):
        self.address = urlsplit(url)
        if not url:
            print("penguins: REDIS_URL is not set, so nothing is cached", file=sys.stderr, flush=True)

    def get(self, name):
        """Return what is kept under a name; None for nothing, and where the cache is away."""
        return self._ask("GET", name)

    def put(self, name, text):
        """Keep a text for an hour, where the cache is there."""
        self._ask("SET", name, text, "EX", "3600")

    def is_there(self):
        """Say whether the cache answers."""
        return self._ask("PING") == "PONG"

    def _ask(self, *command):
        if not self.address.hostname:
            return None
        commands = [command]
        if self.address.password:
            commands.insert(0, ("AUTH", unquote(self.address.password)))
        try:
            with socket.create_connection((self.address.hostname, self.address.port or 6379), SECONDS) as connection:
                connection.settimeout(SECONDS)
                answers = connection.makefile("rb")
                for one in commands:
                    connection.sendall(b"*%d\r\n" % len(one) + b"".join(b"$%d\r\n%s\r\n" % (len(part.encode()), part.encode()) for part in one))
                    answer = self._read(answers)
                return answer
        except (OSError, ValueError) as error:
            print(f"penguins: no cache: {error}", file=sys.stderr, flush=True)
            return None

    def _read(self, answers):
        kind, rest = (line := answers.readline().decode().rstrip("\r\n"))[:1], line[1:]
        if kind == "+":
            return rest
        if kind == "$":
            return answers.read(int(rest) + 2)[:-2].decode() if int(rest) >= 0 else None
        raise ValueError(rest or "the connection was closed")
