"""What a program says when it fails, for somebody who reads such a line for the first time."""

import re
from collections.abc import Iterator

_LAST_LINES = 40
_LONGEST = 240
_PREFIX = "error: "
_PYTHON = re.compile(r"^(?:[\w]+\.)*\w*(?:Error|Exception|NotFound)\b(?:: .*)?$")
_SHELL = re.compile(
    r"^(?:/\S+/)?(?:ba|da|a)?sh: .+|^\S*python[\d.]*: .+|^(?:/\S+?|\S+\.sh): \d+: .+"
    r"|^exec \.?/\S+: .+|^\"[^\"]+\": executable file not found"
)
_TOOL = re.compile(
    r"^(?:ERROR|error|E): .+|^[\w.+-]+: .*(?:ermission denied|No such file or directory|not found|cannot )", re.ASCII
)
_QUOTED = re.compile(r"\[\d+ lines? of output\]\n(?P<said>.*?)\n\s*\[end of output\]", re.DOTALL)
"""pip shows what it was told by the program that failed; its own last words say only that it was another's fault."""

# The line → what it means. The first that fits is shown; {x} is what the line names.
_MEANINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"No module named '?(?P<x>[\w.]+)"),
        "Python did not find {x}. Either it is not in the image, or it is where this Python, or this user, does not look.",
    ),
    (
        re.compile(r"can't open file '(?P<x>[^']+)'.*No such file"),
        "Python was told to run {x}, and there is no such file in the image.",
    ),
    (re.compile(r"can't open file '(?P<x>[^']+)'.*ermission denied"), "The user that the container runs as may not read {x}."),
    (
        re.compile(r"(?:Could not open requirements file: .*|FileNotFoundError: .*)'(?P<x>/[^']+)'"),
        "At that moment there is no {x} in the image.",
    ),
    (
        re.compile(r"(?:Could not open requirements file: .*|FileNotFoundError: .*)'(?P<x>[^']+)'"),
        "At that moment there is no {x} in the folder that the program was started in.",
    ),
    (re.compile(r"ead-only file system"), "The container was started here in such a way that it cannot change its files."),
    (
        re.compile(r"PermissionError: .*'(?P<x>[^']+)'"),
        "The user that the program runs as may not do this with {x}. Whose is it, and whose is the folder around it?",
    ),
    (
        re.compile(r"(?:\[|\S*\['?)[^:]*,: not found"),
        "Docker took this for a shell command, not for a list: the elements of a list need double quotes.",
    ),
    (
        re.compile(r"sh: (?:line )?(?:\d+: )?(?P<x>\S+): (?:command )?not found"),
        "There is no program {x} in the image, or not in the folders that PATH lists.",
    ),
    (
        re.compile(
            r"exec (?P<x>\S+): no such file or directory$"
            r"|(?P<y>\S+): (?:cannot execute: required file not found|not found$|.*bad interpreter)"
        ),
        "If {x} is there: the program that its first line names is not.",
    ),
    (
        re.compile(r'"(?P<x>[^"]+)": executable file not found'),
        "There is no program {x} in the image, or not in the folders that PATH lists.",
    ),
    (
        re.compile(r"No matching distribution found for (?P<x>\S+)"),
        "pip found no {x}. Is the name right, and is the folder that pip looks in there already at this step?",
    ),
    (
        re.compile(r"ermission denied"),
        "The user who does that is not allowed to. Every step below a USER line, and the container, run as that user.",
    ),
)


def reason(output: str) -> str:
    """The line of an output that says why, e.g. the end of Python's traceback; empty where no line looks like it."""
    if quoted := _QUOTED.search(output):
        output = "\n".join(f"error: {line.strip()}" for line in quoted["said"].splitlines() if line.strip())
        return next(_complaints(output), "").removeprefix("error: ")
    last = next(_complaints(output), "")
    return _first_of_its_paragraph(output, last) if last.startswith(_PREFIX) else last


def _first_of_its_paragraph(output: str, last: str) -> str:
    """The line that a paragraph begins with of which each line has the same prefix: its end alone would say something else."""
    lines = [line.strip()[:_LONGEST] for line in output.rstrip().splitlines()]
    number = len(lines) - 1 - lines[::-1].index(last)
    while number and lines[number - 1].startswith(_PREFIX):
        number -= 1
    return lines[number]


def meaning(output: str) -> str:
    """What that line means, where it is one that beginners meet; otherwise empty."""
    for line in _complaints(output):
        for known, words in _MEANINGS:
            if match := known.search(line):
                named = next((one for one in match.groupdict().values() if one), "")
                return words.format(x=named.replace("//", "/"))
    return ""


def _complaints(output: str) -> Iterator[str]:
    """Lines that complain, the last one first."""
    for line in reversed(output.rstrip().splitlines()[-_LAST_LINES:]):
        if any(kind.search(line.strip()) for kind in (_PYTHON, _SHELL, _TOOL)):
            yield line.strip()[:_LONGEST]
