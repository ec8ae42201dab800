"""Line endings and characters that only look right are told with the report, of the files in which they matter."""

from pathlib import Path

from grader.run.oddities import oddities
from tests import toys


def test_windows_line_endings_of_what_a_container_runs(tmp_path: Path) -> None:
    folder = toys.write(tmp_path / "work", {"start.sh": "", "run": "", "notes.txt": "a\r\n", "Dockerfile": "FROM x\r\n"})
    (folder / "start.sh").write_bytes(b"echo hello\r\n")
    (folder / "run").write_bytes(b"#!/bin/sh\r\necho hello\r\n")
    assert [one.split(" end ")[0] for one in oddities(folder)] == ["The lines of run", "The lines of start.sh"]


def test_characters_in_a_dockerfile_a_script_and_a_compose_file(tmp_path: Path) -> None:
    texts = {
        "Dockerfile": "RUN\u00a0x\n",
        "bin/go": "#!/bin/sh\nx \u2013y\n",
        "compose.yaml": "a: \u201cb\u201d\n",
        "text.md": "\u201cx\u201d",
    }
    said = oddities(toys.write(tmp_path / "work", texts))
    assert {one.split(" holds ")[0] for one in said} == {"Line 1 of Dockerfile", "Line 2 of bin/go", "Line 1 of compose.yaml"}


def test_nothing_is_said_of_what_is_as_it_should_be(tmp_path: Path) -> None:
    folder = toys.write(tmp_path / "work", {"start.sh": "#!/bin/sh\necho hello\n", "Dockerfile": "FROM x\n"})
    (folder / "large.sh").write_bytes(b"#!/bin/sh\r\n" * 50_000)
    (folder / "link.sh").symlink_to("nowhere")
    assert oddities(folder) == ()
