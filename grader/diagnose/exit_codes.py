"""What exit codes mean."""

_EXIT_CODES = {
    125: "the engine itself refused",
    126: "the command was found but may not be executed",
    127: "the command was not found",
    130: "ended by SIGINT, as Ctrl-C sends it",
    134: "aborted by SIGABRT",
    137: "killed by SIGKILL",
    139: "crashed with SIGSEGV",
    143: "ended by SIGTERM, the request to stop",
    153: "ended because a file grew too large: SIGXFSZ",
}


def exit_code_in_words(code: int) -> str:
    """``exit code 127 (the command was not found)``."""
    return f"exit code {code} ({_EXIT_CODES[code]})" if code in _EXIT_CODES else f"exit code {code}"
