"""Pack one module as a package that pip can install (a wheel), in the folder wheels/; same input, same bytes.

A wheel is a zip archive: the code, and a few notes about it. Real projects let a tool do this (`python -m build`, `uv build`).
"""

import argparse
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path


def digest(content: bytes) -> str:
    """Return a file's checksum the way that wheels write it."""
    return urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")


def main() -> None:
    """Write the wheel and say so."""
    parser = argparse.ArgumentParser(description="Pack a module as a wheel.")
    parser.add_argument("module", type=Path)
    parser.add_argument("name")
    parser.add_argument("version")
    options = parser.parse_args()

    package = options.name.replace("-", "_")
    notes = f"{package}-{options.version}.dist-info"
    files = {
        options.module.name: options.module.read_bytes(),
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: {options.name}\nVersion: {options.version}\n".encode(),
        f"{notes}/WHEEL": b"Wheel-Version: 1.0\nGenerator: make_wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{notes}/RECORD"] = (record + f"{notes}/RECORD,,\n").encode()

    wheel = Path("wheels") / f"{package}-{options.version}-py3-none-any.whl"
    wheel.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            about = zipfile.ZipInfo(path, date_time=(2026, 1, 1, 0, 0, 0))  # the same each time
            about.external_attr = 0o644 << 16
            archive.writestr(about, content)
    print(f"wrote {wheel.as_posix()}")


if __name__ == "__main__":
    main()
