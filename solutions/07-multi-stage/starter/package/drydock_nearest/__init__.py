"""The nearest of some points; the work is done by a program that was compiled from nearest.c and lies beside this file."""

import subprocess
from pathlib import Path

_PROGRAM = Path(__file__).with_name("nearest")


def nearest(point, points, spread):
    """Say which of the points is nearest, and its squared distance in units of the spread."""
    numbers = [len(point), len(points), *point, *spread, *(value for one in points for value in one)]
    done = subprocess.run([_PROGRAM], input=" ".join(map(str, numbers)), capture_output=True, text=True, check=True)
    which, distance = done.stdout.split()
    return int(which), float(distance)
