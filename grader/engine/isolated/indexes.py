"""Where packages come from, as a base image itself says: what its package managers are set up to ask."""

import json
from typing import Final

from grader.engine import containers
from grader.engine.session import Session

_SECONDS: Final = 30.0
# Standard output always has something: an empty list at least. pip's own index is in its source, and in no setting.
_ASK: Final = r"""
import json, re
from pathlib import Path

files = [path for path in Path("/etc/apt").rglob("*") if path.suffix in {".list", ".sources"}]
text = "\n".join(path.read_text() for path in (*files, Path("/etc/pip.conf")) if path.is_file())
hosts = set(re.findall(r"https?://(?:[^/\s@]*@)?([^/\s\]]+)", text))
try:
    from pip._internal.models.index import PyPI
except ImportError:
    pass
else:
    hosts |= {PyPI.netloc, PyPI.file_storage_domain}
print(json.dumps(sorted(hosts)))
"""


def hosts(session: Session, image: str) -> tuple[str, ...]:
    """The hosts of an image's package indexes, as ``Proxy`` takes them.

    Args:
        session: the run.
        image: one with Python in it.

    Raises:
        ImageUnavailable: it is not there.
    """
    spec = containers.Spec(image=image, entrypoint=["python", "-c", _ASK], command=[], user="nobody")
    found: list[str] = json.loads(containers.output(session, spec, seconds=_SECONDS))
    return tuple(found)
