"""What a learner may be called: the name is a folder's, an archive's and a student id of nbgrader's."""

import re
from typing import Final

_NAME: Final = re.compile(r"[^\W_](?:[\w .@'-]{0,62}[\w@'-])?")
RULE: Final = "Letters, digits, spaces and . _ @ ' - make a name, at most 64 of them; it begins with a letter or a digit."


def fits(name: str) -> bool:
    """Whether somebody may be called so."""
    return _NAME.fullmatch(name) is not None
