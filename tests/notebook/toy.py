"""A course of one tiny exercise, with everything in it that nbgrader is known to trip over."""

import json
import shutil
from pathlib import Path
from typing import Any

from grader.authoring.cells import master
from grader.course import catalogue

REPO = Path(__file__).parents[2]
ID = "01-toy"
MAX = {"builds": 1.0, "says_hello": 2.5, "is_quiet": 0.5}

# The checks write to stderr in all the ways there are: nbgrader would give no points for that.
CHECKS = '''\
"""Say hello."""

import os
import sys
import time
import warnings

from grader import MB, Exercise, Limits

exercise = Exercise("Say hello", learner_files=("Dockerfile",), limits=Limits(memory=64 * MB, build_seconds=60))


@exercise.check(points=1)
def builds(work):
    """The image builds."""
    os.system("echo noise >&2")
    time.sleep(float(os.environ.get("TOY_SECONDS", "0")))
    return work.build()


@exercise.check(builds, points=2.5, hint="What does it say?")
def says_hello(image):
    """A container says “hello”."""
    warnings.warn("noise")
    image.run().expect(exit_code=0, contains="hello")


@exercise.check(builds, points=0.5)
def is_quiet(image):
    """A container says nothing else."""
    print("noise", file=sys.stderr)
    image.run().expect(exit_code=0, output="hello")
'''
STARTER = 'FROM busybox\nCOPY hello.sh /hello.sh\nCMD ["echo", "bye"]\n'
SCRIPT = "#!/bin/sh\necho hello\n"
# Runs the script, so it needs the execute bit that nbgrader takes from every file.
REFERENCE = 'FROM busybox\n# canary-of-the-reference\nCOPY hello.sh /hello.sh\nCMD ["/hello.sh"]\n'
WRONG = 'FROM busybox\n# canary-of-the-wrong-answer\nCMD ["sh", "-c", "echo hello; echo and bye"]\n'


def cell(kind: str, source: str, **more: Any) -> dict[str, Any]:
    """One cell as an author writes it."""
    outputs: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **outputs, **more}


def notebook(*cells: dict[str, Any]) -> str:
    """A notebook of these cells."""
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def make(root: Path) -> Path:
    """Write the course into ``root`` and return it."""
    folder = root / "solutions" / ID
    files = {
        f"{ID}.ipynb": notebook(
            cell("markdown", "# Hello\n\nMake the container say hello.", id="brief"),
            cell("code", "!docker version", id="scratch"),
        ),
        "checks.py": CHECKS,
        "starter/Dockerfile": STARTER,
        "starter/hello.sh": SCRIPT,
        "starter/.dockerignore": "*.ipynb\n",
        "reference/Dockerfile": REFERENCE,
        "alternatives/no-script/Dockerfile": 'FROM busybox\n# canary-of-the-alternative\nCMD ["echo", "hello"]\n',
        "wrong/is_quiet--said-goodbye-too/Dockerfile": WRONG,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "starter" / "hello.sh").chmod(0o755)
    shutil.copyfile(REPO / "nbgrader_config.py", root / "nbgrader_config.py")
    (folder / f"{ID}.ipynb").write_text(master(catalogue.find(root, ID)), encoding="utf-8")
    return root
