"""Fixtures of the command line's tests."""

from tests.cli.kit import mine, run

__all__ = ["mine", "run"]
