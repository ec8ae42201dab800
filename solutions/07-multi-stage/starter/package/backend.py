"""Makes the wheel when pip asks for it: compiles nearest.c, and packs the program with the package.

Real projects use setuptools, scikit-build or maturin for this. This one needs a C compiler and nothing else.
"""

import os
import shutil
import subprocess
import sysconfig
import tempfile
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

NAME, VERSION = "drydock_nearest", "1.0"
NOTES, PROGRAM = f"{NAME}-{VERSION}.dist-info", f"{NAME}/nearest"
TAG = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def compiled():
    """Compile the program and give its bytes."""
    compiler = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang", "tcc")), None)
    if compiler is None:
        raise SystemExit("drydock-nearest: there is no C compiler (cc, gcc, clang or tcc) to compile nearest.c with")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "nearest")
        subprocess.run([compiler, "-O2", "-o", str(program), "nearest.c"], check=True)
        return program.read_bytes()


def digest(content):
    """Say a file's checksum the way that wheels do."""
    return urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel and give its name."""
    files = {
        f"{NAME}/__init__.py": Path(NAME, "__init__.py").read_bytes(),
        PROGRAM: compiled(),
        f"{NOTES}/METADATA": f"Metadata-Version: 2.1\nName: drydock-nearest\nVersion: {VERSION}\n".encode(),
        f"{NOTES}/WHEEL": f"Wheel-Version: 1.0\nGenerator: backend\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode(),
    }
    record = [f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items()]
    files[f"{NOTES}/RECORD"] = ("".join(record) + f"{NOTES}/RECORD,,\n").encode()
    wheel = f"{NAME}-{VERSION}-{TAG}.whl"
    with zipfile.ZipFile(Path(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            about = zipfile.ZipInfo(path, date_time=(2026, 1, 1, 0, 0, 0))
            about.external_attr = (0o100755 if path == PROGRAM else 0o100644) << 16  # an ordinary file, and its permissions
            archive.writestr(about, content)
    return wheel
