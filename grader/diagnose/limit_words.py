"""What programs say when the kernel refuses them more: for the limits that leave no counter behind."""

import re

_LONGEST = 240
_END = 20_000
"""Characters: whoever is refused something says so, and stops."""

_NO_PROCESS = re.compile(
    r"^.*(?:(?:can't|cannot) fork|\bfork: .*Resource temporarily unavailable|can't start new thread"
    r"|pthread_create\b.*Resource temporarily unavailable)",
    re.IGNORECASE | re.MULTILINE,
)
_NO_PROCESS_IN_PYTHON = re.compile(
    r"(?:_fork_exec|os\.fork)\((?:.*\n)(?:[ \t].*\n)*(?P<line>BlockingIOError: \[Errno 11\] .*)$", re.MULTILINE
)
"""The same words stand for a socket that has nothing to read; the line above tells which it is."""
_LARGE_FILE = re.compile(
    r"^.*(?:\[Errno 27\]|\(os error 27\)|(?<!Error)(?<!\d): File too large\s*$|File size limit exceeded).*$", re.MULTILINE
)

FILE_TOO_LARGE = 153
"""The exit code of a program that was ended by SIGXFSZ: it wrote beyond the size that a file may have."""


def no_more_processes(output: str) -> str:
    """The line that says that no further process or thread could be started; empty where none does."""
    if match := _NO_PROCESS_IN_PYTHON.search(output[-_END:]):
        return match["line"].strip()[:_LONGEST]
    match = _NO_PROCESS.search(output[-_END:])
    return match[0].strip()[:_LONGEST] if match else ""


def file_too_large(output: str) -> str:
    """The line that says that a file could not grow any further; empty where none does."""
    match = _LARGE_FILE.search(output[-_END:])
    return match[0].strip()[:_LONGEST] if match else ""
