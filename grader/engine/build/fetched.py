"""Addresses that a Dockerfile lets the builder fetch: the builder does that in the engine's own network.

On a learner's own engine this keeps an ADD from what listens on the machine itself: the lab, the engine's API, the address
of a cloud's metadata. It is no wall, since a server elsewhere can point the builder back: a stranger's work has an engine that
has no way there.
"""

import ipaddress
import re
import socket
from collections.abc import Iterator
from string import Template
from typing import Final

_ADD: Final = re.compile(r"\s*(?:ONBUILD\s+)?ADD\s+(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_DEFAULT: Final = re.compile(r"^\s*(?:ARG|ENV)\s+(\w+)[=\s]\s*[\"']?([^\s\"']+)", re.IGNORECASE | re.MULTILINE)
_WITH_DEFAULT: Final = re.compile(r"\$\{(\w+):-([^}]*)\}")
_HOST: Final = re.compile(
    r"\b(?:https?|git|ssh|ftp)://(?:[^\s/@\"',]*@)?(\[[^\]\s]+\]|[^\s/:?#\"',]+)|\bgit@([^\s:/\"',]+)", re.IGNORECASE
)


def hosts(text: str) -> Iterator[tuple[int, str]]:
    """The hosts that ADD instructions name, with the number of the line that each instruction begins in.

    Variables are filled in with the values that the Dockerfile gives them.

    Args:
        text: the Dockerfile.
    """
    values: dict[str, str] = dict(_DEFAULT.findall(text))
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not _ADD.match(line):
            continue
        joined, below = line.rstrip(), number
        while joined.endswith(("\\", "`")) and below < len(lines):
            joined, below = joined[:-1] + " " + lines[below].strip(), below + 1
        whole = _WITH_DEFAULT.sub(lambda match: str(values.get(match[1], match[2])), joined)
        for first, second in _HOST.findall(Template(whole).safe_substitute(values)):
            yield number, (first or second).strip("[]").lower()


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine, or an address that only means something on a link of it.

    Args:
        host: a name, or an address in any way of writing that resolvers take.
    """
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)}
    except (OSError, UnicodeError):  # nobody will reach it
        return False
    return any(_is_near(str(one).partition("%")[0]) for one in found)


def _is_near(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified:
        return True
    with socket.socket(socket.AF_INET6 if parsed.version == 6 else socket.AF_INET) as trial:
        try:
            trial.bind((str(parsed), 0))
        except OSError:
            return False
    return True
