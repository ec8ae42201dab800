"""Make the packages in wheels/: small ones of our own, so that an installation needs no network.

You do not need this file. A wheel is a zip archive with a package and a few notes about it.
"""

import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

BEAKS = '''"""Sums about beaks."""

__version__ = "{version}"


def average(values):
    """Average some numbers."""
    values = list(values)
    return round(sum(values) / len(values), 2)
'''
SCALES = '''"""Weights."""

__version__ = "{version}"


def kilograms(grams):
    """Turn grams into kilograms."""
    return round(grams / 1000, 3)
'''
WHEELS = (("drydock_beaks", "1.0", BEAKS), ("drydock_beaks", "1.1", BEAKS), ("drydock_scales", "2.0", SCALES))


def digest(content):
    """Say a file's checksum the way that wheels do."""
    return urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")


def make(folder, name, version, source):
    """Write one wheel; the same one every time."""
    notes = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": source.format(version=version).encode(),
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n".encode(),
        f"{notes}/WHEEL": b"Wheel-Version: 1.0\nGenerator: make_wheels\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items()]
    files[f"{notes}/RECORD"] = ("".join(record) + f"{notes}/RECORD,,\n").encode()
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            about = zipfile.ZipInfo(path, date_time=(2026, 1, 1, 0, 0, 0))
            about.external_attr = 0o644 << 16
            wheel.writestr(about, content)


if __name__ == "__main__":
    wheels = Path("wheels")
    wheels.mkdir(exist_ok=True)
    for wheel in WHEELS:
        make(wheels, *wheel)
