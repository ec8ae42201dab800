"""The tree says nothing about the machine that it was written on."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parent.parent


def _tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _configured_hosts() -> set[str]:
    """Hosts of this machine's package registries, as its own configuration names them."""
    texts = []
    for command in (
        ["pip", "config", "list"],
        ["npm", "config", "get", "registry"],
        ["apt-get", "indextargets", "--format", "$(URI)"],
    ):
        try:
            texts.append(subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout)
        except OSError:  # no such tool here
            continue
    hosts = {urlsplit(url).hostname or "" for url in re.findall(r"https?://[^\s'\"]+", "\n".join(texts))}
    return {host for host in hosts if "." in host}


def _mentions(words: set[str]) -> list[str]:
    found = []
    for path in _tracked():
        data = path.read_bytes()
        found += [f"{path.relative_to(ROOT)} mentions {word}" for word in words if word.encode() in data]
    return found


def test_no_host_of_this_machines_registries() -> None:
    assert not _mentions(_configured_hosts())


def test_no_path_of_this_machine() -> None:
    home = str(Path.home())
    paths = ({str(ROOT)} if len(ROOT.parts) > 2 else set()) | ({home} if home not in {"/", "/root"} else set())
    assert not _mentions(paths)
