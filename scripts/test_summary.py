"""Print one closing line, as pytest would, for several runs of it, and end with its status.

usage: test_summary.py STATUS RESULT.xml…     STATUS: not 0 when pytest itself broke down
"""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path


def main(status: int, files: list[str]) -> int:
    """Return 0 when tests ran and none failed."""
    counts: Counter[str] = Counter()
    seconds = 0.0
    unhappy = []
    repeated = []
    earlier = results = 0
    for file in files:
        for suite in ET.parse(Path(file)).getroot().iter("testsuite"):  # noqa: S314
            seconds += float(suite.get("time", 0))
            for case in suite.iter("testcase"):
                kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
                outcome = {"failure": "failed", "error": "errors", "skipped": "skipped"}[kinds.pop()] if kinds else "passed"
                counts[outcome] += 1
                told = (one.get("value") for one in case.iter("property") if one.get("name") == "rerun")
                repeated += [f"RERUN {case.get('classname')}::{case.get('name')}: {why}" for why in told]
                for one in case.iter("property"):
                    if one.get("name") == "results":
                        found, of = one.get("value", "").split(" of ")
                        earlier, results = earlier + int(found), results + int(of)
                if outcome in {"failed", "errors"}:
                    unhappy.append(f"{outcome.upper().rstrip('S')} {case.get('classname')}::{case.get('name')}")
    if repeated:
        print(" repeated inside a test ".center(100, "="), *repeated, sep="\n")
        counts["rerun"] = len(repeated)
    if unhappy:
        print(" all failures ".center(100, "="), *unhappy, sep="\n")
    if earlier:
        print(f"{earlier} of {results} results from an earlier run; FRESH=1 runs all")
    words = ", ".join(f"{counts[word]} {word}" for word in ("failed", "passed", "skipped", "errors", "rerun") if counts[word])
    minutes, rest = divmod(round(seconds), 60)
    print(f" {words or 'no tests ran'} in {seconds:.2f}s ({minutes // 60}:{minutes % 60:02}:{rest:02}) ".center(100, "="))
    return status or int(bool(unhappy) or not counts["passed"])


sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
