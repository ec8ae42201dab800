"""Print the part of a lock file that some requirements need, hashes included.

The lock holds what developers need as well; the lab's image takes its own part. Which package needs which is in the
lock's own comments, as `uv pip compile` writes them.

usage: subset.py extra:lab   what the package and its extra need
       subset.py hatchling   what one package of the lock needs
"""

import re
import sys
import tomllib
from pathlib import Path


def name_of(requirement: str) -> str:
    """Return the normalised name at the beginning of a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0]).lower()


def roots(wanted: list[str], project: dict[str, dict[str, list[str]]]) -> set[str]:
    """Return the names that were asked for; ``extra:x`` stands for the project's own requirements and those of x."""
    names: set[str] = set()
    for one in wanted:
        kind, _, extra = one.rpartition(":")
        requirements = [*project["dependencies"], *project["optional-dependencies"][extra]] if kind else [one]
        names |= {name_of(each) for each in requirements}
    return names


def main(wanted: list[str]) -> None:
    """Print the subset; end with an error when a wanted package is not in the lock."""
    blocks = re.findall(r"^\S.*\n(?:[ \t]+.*\n?)*", Path("requirements.lock").read_text(), flags=re.MULTILINE)
    parents = {name_of(block): {name_of(via) for via in re.findall(r"#\s+(?:via\s+)?([\w.-]+)", block)} for block in blocks}
    needed = roots(wanted, tomllib.loads(Path("pyproject.toml").read_text())["project"])
    if missing := needed - parents.keys():
        sys.exit(f"requirements.lock lacks {', '.join(sorted(missing))}: was it compiled after pyproject.toml changed?")
    while more := {name for name, via in parents.items() if via & needed} - needed:
        needed |= more
    print("".join(block for block in blocks if name_of(block) in needed), end="")


main(sys.argv[1:])
