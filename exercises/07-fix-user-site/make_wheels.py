"""Make the package in wheels/: a small one of our own, so that an installation needs no network.

You do not need this file. A wheel is a zip archive with a package and a few notes about it.
"""

import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

NAME, VERSION = "drydock_beaks", "1.0"
SOURCE = '''"""Sums about beaks."""

import sys

__version__ = "1.0"


def average(values):
    """Average some numbers."""
    values = list(values)
    return round(sum(values) / len(values), 2)


def main():
    """The command: average the numbers behind its name."""
    print(f"average beak: {average(float(word) for word in sys.argv[1:])} mm")
'''
NOTES = f"{NAME}-{VERSION}.dist-info"


def digest(content):
    """Say a file's checksum the way that wheels do."""
    return urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")


if __name__ == "__main__":
    files = {
        f"{NAME}/__init__.py": SOURCE.encode(),
        f"{NOTES}/METADATA": f"Metadata-Version: 2.1\nName: drydock-beaks\nVersion: {VERSION}\n".encode(),
        f"{NOTES}/WHEEL": b"Wheel-Version: 1.0\nGenerator: make_wheels\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{NOTES}/entry_points.txt": f"[console_scripts]\nbeaks = {NAME}:main\n".encode(),
    }
    record = [f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items()]
    files[f"{NOTES}/RECORD"] = ("".join(record) + f"{NOTES}/RECORD,,\n").encode()
    with zipfile.ZipFile(Path("wheels", f"{NAME}-{VERSION}-py3-none-any.whl"), "w") as wheel:
        for path, content in files.items():
            about = zipfile.ZipInfo(path, date_time=(2026, 1, 1, 0, 0, 0))
            about.external_attr = 0o644 << 16
            wheel.writestr(about, content)
