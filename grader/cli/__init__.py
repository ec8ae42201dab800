"""The command line. Each command is a module of its own that is imported when it is called."""

from grader.cli.group import main

__all__ = ["main"]
