"""What a Dockerfile may not ask for. Read only to refuse it: what an answer is worth is never judged by its text.

BuildKit's parser has corners (either escape character, heredocs, quotes inside flags), and a reader that takes another turn
than BuildKit does would be a way around it. So nothing here tries to follow the text from its first line: every line is
read as if an instruction began there, with both escape characters. That refuses a heredoc which *contains* a refused line
as well, which no honest answer needs.
"""

import csv
import re
from collections.abc import Iterator

from grader.engine.build import fetched
from grader.values.errors import CheckFailed

_RUN = re.compile(r"\s*(?:ONBUILD[\t\v\f\r ]+)?RUN[\t\v\f\r ]+(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_BEGINNINGS = "|".join(word[:n] for word in ("RUN", "ONBUILD") for n in range(1, len(word) + 1))
_MAY_BE_RUN = re.compile(rf"\s*(?:(?:{_BEGINNINGS})$|(?:ONBUILD\s+)?RUN\s+(?:-|$)|ONBUILD\s+(?:R|RU|RUN)?$)", re.IGNORECASE)
_MOST_LINES = 100
"""Nobody spreads the flags of one RUN over more; what does is refused."""
_DIRECTIVE = re.compile(r"^\s*(?:#|//)\s*(?P<key>[a-z][a-z0-9]*)\s*=\s*(?P<value>.+?)\s*$", re.IGNORECASE)
# BuildKit's own frontend has these names; the engine has it built in, so a room without a network needs no pull.
_OFFICIAL = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?")
# As BuildKit reads bytes: these are spaces to it even in the middle of a letter of several bytes.
_FLAG_SPACE = "\t\n\v\f\r \x85\xa0"
_ESCAPES = ("\\", "`")
_MOUNTS = {"bind", "cache", "tmpfs", "secret", "ssh"}


def vet(text: str, name: str) -> str:
    """Refuse what would reach beyond the build, before anything is built.

    Args:
        text: the Dockerfile.
        name: its name, for the message.

    Returns:
        The text to build: the same, without the ``# syntax=`` line of Docker's own frontend.

    Raises:
        CheckFailed: a foreign frontend, RUN --network=host, RUN --security=insecure, a device, a cache mount that brings
            in other content, or ADD of an address of this machine; names the line.
    """
    text = _own_frontend(text, name)
    lines = text.split("\n")
    for escape in _ESCAPES:
        for number in range(len(lines)):
            for flag, value in _run_flags(lines, number, escape):
                if what := _refusal(flag, value):
                    raise _refused(name, number + 1, lines[number], what)
    for number, host in fetched.hosts(text):
        if fetched.is_this_machine(host):
            raise _refused(name, number, lines[number - 1], f"an address of the machine that builds ({host})")
    return text


def _own_frontend(text: str, name: str) -> str:
    """Take out the ``syntax`` directive. Its place is taken by the other directives, which must come first."""
    text = text.lstrip("\ufeff")  # BuildKit takes one off, too
    lines = text.split("\n")
    first = 1 if lines[0].startswith("#!") else 0
    begin = "\n".join(lines[first:])
    if begin.lstrip().startswith("{"):  # BuildKit also takes the directive as JSON
        raise _refused(name, first + 1, begin, "a Dockerfile frontend other than Docker's own")
    kept: list[str] = []
    replaced: list[str] = []
    for number, line in enumerate(lines[first:], first + 1):
        match = _DIRECTIVE.match(line)
        if match is None:
            break
        if match["key"].lower() != "syntax":
            kept.append(line)
        elif not _OFFICIAL.fullmatch(match["value"]):
            raise _refused(name, number, line, "a Dockerfile frontend other than Docker's own")
        else:
            replaced.append(f"# Built with the engine's own frontend, not with {match['value']}.")
    return "\n".join([*lines[:first], *kept, *replaced, *lines[first + len(kept) + len(replaced) :]])


def _run_flags(lines: list[str], start: int, escape: str) -> Iterator[tuple[str, str]]:
    """The flags of the RUN instruction that begins in a line; nothing where none does."""
    if match := _RUN.match(_joined(lines, start, escape)):
        # BuildKit has read flags with the backslash alone and with the escape character, depending on its version.
        for one in {escape, "\\"}:
            yield from _flags(match["rest"], one)


def _joined(lines: list[str], start: int, escape: str) -> str:
    """Join continued lines for as long as they can still be a RUN that has flags."""
    joined = ""
    for line in lines[start : start + _MOST_LINES]:
        if joined and (not line.strip() or line.lstrip().startswith("#")):
            continue
        stripped = line.rstrip(" \t\r")
        if not stripped.endswith(escape):
            return joined + line
        joined += stripped.removesuffix(escape)
        if not _MAY_BE_RUN.match(joined):  # an empty one as well: the instruction begins further down
            return joined
    return joined + " --network=too-many-lines"


def _flags(line: str, escape: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of the flags in front of an instruction's arguments, quotes and escapes resolved."""
    words: list[str] = []
    word, quote, escaped, begun = "", "", False, False
    for char in line.encode("utf-8", "surrogatepass").decode("latin-1") + " ":
        if escaped:
            word, escaped = word + char, False
        elif begun and char == escape:
            escaped = True
        elif quote:
            word, quote = (word, "") if char == quote else (word + char, quote)
        elif char in _FLAG_SPACE:
            if begun:
                words.append(word)
                if word == "--" or (len(words) > 1 and not word.startswith("--") and not _wants_value(words[-2])):
                    break
            word, begun = "", False
        elif begun and char in "'\"":
            quote = char
        else:
            if not begun and char != "-" and not (words and _wants_value(words[-1])):
                break
            word, begun = word + char, True
    for index, one in enumerate(words):
        if one.startswith("--"):
            name, equals, value = one[2:].partition("=")
            # `--network host` is read as `--network=host` by some versions
            yield name.lower(), value if equals else (words[index + 1] if index + 1 < len(words) else "")


def _wants_value(flag: str) -> bool:
    return flag.startswith("--") and "=" not in flag


def _refusal(flag: str, value: str) -> str:
    """What is wrong with a flag of RUN; nothing when it may stay."""
    if flag == "network" and value.lower() not in {"default", "none"}:
        return "RUN on another network than a build's own" if value.lower() != "host" else "RUN on the host's network"
    if flag == "security" and value.lower() != "sandbox":
        return "RUN without its sandbox"
    if flag == "device":
        return "RUN with a device of the host"
    if flag == "mount":
        fields = [part.strip() for row in csv.reader([value]) for part in row]
        options = {key.strip().lower(): rest.strip().lower() for key, _, rest in (one.partition("=") for one in fields)}
        kind = options.get("type", "bind")
        if kind == "cache" and {"source", "src", "from"} & options.keys():
            return "a cache mount that brings in other content (source=, from=)"
        if kind not in _MOUNTS:
            return f"a mount of an unknown type ({kind})"
    return ""


def _refused(name: str, number: int, line: str, what: str) -> CheckFailed:
    return CheckFailed(
        f"{name} asks for something that is not allowed here.",
        expected="a build that stays inside its sandbox",
        found=f"{what}, in line {number}: {line.strip()[:120]}",
        advice="The exercise does not need it. Take it out.",
    )
