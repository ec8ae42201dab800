"""What compose warns of when it reads a file: told with its line, each thing once."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.checks.compose.file import ComposeFile
from grader.engine.compose.source import Source
from grader.values.errors import CheckFailed

TEXT = """\
version: "2.1"
services:
  api:
    image: busybox
    environment:
      - PASSWORD=sea$$krill
      - WORD=sea$krill
      - STATION=${STATION}
"""
OBSOLETE = "compose.yaml: the attribute `version` is obsolete, it will be ignored"
UNSET = 'The "{}" variable is not set. Defaulting to a blank string.'


def read(folder: Path, *complaints: str) -> ComposeFile:
    (folder / "compose.yaml").write_text(TEXT)
    project: Any = SimpleNamespace(complaints=complaints, source=Source(folder))
    return ComposeFile(project)


def test_a_file_that_compose_reads_in_silence(tmp_path: Path) -> None:
    read(tmp_path).expect_no_warnings()


@pytest.mark.parametrize(
    ("complaint", "line"),
    [
        (OBSOLETE, 'in line 1 of compose.yaml: version: "2.1"'),
        (UNSET.format("krill"), "in line 7 of compose.yaml: - WORD=sea$krill"),
        (UNSET.format("STATION"), "in line 8 of compose.yaml: - STATION=${STATION}"),
    ],
)
def test_a_warning_is_told_with_its_line(tmp_path: Path, complaint: str, line: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        read(tmp_path, complaint, complaint).expect_no_warnings()
    assert failed.value.finding.found == f"{complaint} ({line})"
    assert not failed.value.finding.evidence


def test_several_are_all_told(tmp_path: Path) -> None:
    file = read(tmp_path, OBSOLETE, UNSET.format("NOWHERE"), OBSOLETE)
    with pytest.raises(CheckFailed) as failed:
        file.expect_no_warnings()
    assert failed.value.finding.found.endswith("(and 1 more)")
    assert failed.value.finding.evidence[0].text.splitlines()[1:] == [UNSET.format("NOWHERE")]
