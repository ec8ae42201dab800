"""How long nbgrader's autograde takes for a submission: ``python -m benchmarks.autograde 05-first-dockerfile [COUNT]``.

A course of that exercise alone, its reference handed in COUNT times, one ``nbgrader autograde`` for all. Run it once before,
so that the disk for isolated engines is prepared, and alternate it with whatever it is compared with: another commit, say, in
a worktree of its own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.course import catalogue

ROOT = Path(__file__).resolve().parent.parent


def main(id_: str, count: str = "5") -> None:
    """Print seconds, in all and for each submission."""
    entry = catalogue.find(ROOT, id_)
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as top:
        root = Path(top) / "course"
        for part in ("images", f"solutions/{id_}"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
        environment = os.environ | {"DRYDOCK_GRADEBOOK": f"sqlite:///{top}/grades.db", "HOME": top, "PYTHONPATH": str(ROOT)}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
        environment |= {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")}

        def nbgrader(*words: str) -> None:
            command = [sys.executable, "-W", "ignore", "-m", "nbgrader", *words]
            done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                sys.exit(done.stderr[-2000:])

        nbgrader("generate_assignment", id_)
        for number in range(int(count)):
            folder = root / "submitted" / f"learner-{number:02}" / id_
            catalogue.assemble(entry, entry.reference, folder)
            shutil.copyfile(root / "exercises" / id_ / f"{id_}.ipynb", folder / f"{id_}.ipynb")
        begin = time.monotonic()
        nbgrader("autograde", id_)
        seconds = time.monotonic() - begin
    print(f"{id_}: {seconds:.1f} s for {count} submissions, {seconds / int(count):.1f} s each")


if __name__ == "__main__":
    main(*sys.argv[1:])
