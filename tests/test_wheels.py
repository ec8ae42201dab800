"""The packages that ship with an exercise are what its script makes, byte for byte."""

import subprocess
import sys
from pathlib import Path

STARTER = Path(__file__).parent.parent / "solutions" / "06-layer-cache" / "starter"


def test_the_wheels_are_what_the_script_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, STARTER / "make_wheels.py"], cwd=tmp_path, check=True)
    made = {one.name: one.read_bytes() for one in (tmp_path / "wheels").iterdir()}
    assert made == {one.name: one.read_bytes() for one in (STARTER / "wheels").iterdir()}
