"""Sizes and durations: the constants that course authors write, and how people read them."""

from typing import Final

KB: Final = 1000
MB: Final = 1000 * KB
GB: Final = 1000 * MB


def size(n_bytes: float) -> str:
    """Write a number of bytes the way ``docker images`` does: decimal units, three digits.

    Args:
        n_bytes: bytes, zero or more.
    """
    for unit, one in (("GB", GB), ("MB", MB), ("kB", KB)):
        if n_bytes >= one:
            return f"{n_bytes / one:.3g} {unit}" if n_bytes < 999 * one else f"{n_bytes / one:.0f} {unit}"
    return f"{n_bytes:.0f} bytes"


def seconds(duration: float) -> str:
    """Write a duration for a reader: ``0.4 s``, ``12 s``, ``3 min 20 s``.

    Args:
        duration: seconds, zero or more.
    """
    if duration < 10:
        return f"{duration:.1f} s".replace(".0 s", " s")
    if duration < 100:
        return f"{duration:.0f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
