"""Make what stands in for the large files of a real service: wheels/ and model.tar.gz. They compress well and unpack to a lot.

You do not need this file.
"""

import gzip
import io
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

MB = 1_000_000
WEIGHTS, CHECKPOINT, NOTEBOOKS = 40 * MB, 32 * MB, 64 * MB
BEAKS = '''"""Sums about beaks."""

__version__ = "1.0"


def average(values):
    """Average some numbers."""
    values = list(values)
    return round(sum(values) / len(values), 2)
'''


def numbers(size, seed):
    """Bytes that look a little like something, the same ones each time."""
    step = 50_000
    return b"".join(bytes([(index * 37 + seed) % 251]) * step for index in range(size // step))


def digest(content):
    """Say a file's checksum the way that wheels do."""
    return urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")


def wheel(name, files):
    """Write one wheel: a zip archive with a package and a few notes about it."""
    notes = f"{name}-1.0.dist-info"
    files |= {
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n".encode(),
        f"{notes}/WHEEL": b"Wheel-Version: 1.0\nGenerator: make_files\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items()]
    files[f"{notes}/RECORD"] = ("".join(record) + f"{notes}/RECORD,,\n").encode()
    with zipfile.ZipFile(Path("wheels", f"{name}-1.0-py3-none-any.whl"), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            about = zipfile.ZipInfo(path, date_time=(2026, 1, 1, 0, 0, 0))
            about.external_attr, about.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(about, content)


def model(files):
    """Write model.tar.gz: a training run, as it was saved."""
    with Path("model.tar.gz").open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for path, content in files.items():
                about = tarfile.TarInfo(path)
                about.size, about.mode, about.mtime = len(content), 0o644, 1767225600
                archive.addfile(about, io.BytesIO(content))


if __name__ == "__main__":
    Path("wheels").mkdir(exist_ok=True)
    wheel("drydock_beaks", {"drydock_beaks/__init__.py": BEAKS.encode()})
    tools = b'"""Tools for notebooks: for people who develop the service, not for the service."""\n'
    wheel("drydock_notebook", {"drydock_notebook/__init__.py": tools, "drydock_notebook/tools.bin": numbers(NOTEBOOKS, 9)})
    model(
        {
            "model/weights.bin": numbers(WEIGHTS, 1),
            "model/checkpoints/epoch-1.bin": numbers(CHECKPOINT, 2),
            "model/checkpoints/epoch-2.bin": numbers(CHECKPOINT, 3),
        }
    )
