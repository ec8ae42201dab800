"""What exit codes mean."""

_EXIT_CODES = {
    125: "the engine itself refused",
    126: "the command was found but may not be executed",
    127: "the command was not found",
    130: "ended by Ctrl-C (SIGINT)",
    134: "aborted (SIGABRT)",
    137: "killed (SIGKILL)",
    139: "crashed (SIGSEGV)",
    143: "asked to stop (SIGTERM), and ended by that signal",
    153: "ended because a file grew too large (SIGXFSZ)",
}


def exit_code_in_words(code: int) -> str:
    """``exit code 127 (the command was not found)``."""
    return f"exit code {code} ({_EXIT_CODES[code]})" if code in _EXIT_CODES else f"exit code {code}"
