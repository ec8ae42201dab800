"""What a learner reads about a build that fails, on the real engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine.build import buildx
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.outcome import Finding
from tests import core

pytestmark = pytest.mark.engine


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(core.LIMITS) as session:
        yield session


def failed(session: Session, folder: Path, lines: str, **files: str) -> Finding:
    others = {name.replace("__", "."): text for name, text in files.items()}
    work = core.submission(folder / f"work-{len(list(folder.iterdir()))}", {"Dockerfile": f"FROM busybox\n{lines}\n", **others})
    with pytest.raises(CheckFailed) as caught:
        buildx.build(session, work)
    return caught.value.finding


def test_a_step_that_fails_is_named_with_its_reason(session: Session, tmp_path: Path) -> None:
    said = failed(session, tmp_path, "RUN true\nRUN echo starting && traain --rows 3")
    assert said.message == "Dockerfile does not build: it stops at “RUN echo starting && traain --rows 3”."
    assert said.found == "exit code 127: /bin/sh: traain: not found"
    assert said.advice.startswith("There is no program traain in the image")


def test_a_step_whose_words_nobody_knows_has_its_last_line_for_a_reason(session: Session, tmp_path: Path) -> None:
    assert failed(session, tmp_path, "RUN echo one && echo no such luck && exit 3").found == "exit code 3: no such luck"


def test_a_line_that_is_not_understood_is_named_by_its_number(session: Session, tmp_path: Path) -> None:
    said = failed(session, tmp_path, "RUNN true")
    assert said.message == "Dockerfile does not build: Docker does not understand line 2."
    assert "unknown instruction: RUNN" in said.found


def test_a_name_in_capital_letters(session: Session, tmp_path: Path) -> None:
    assert failed(session, tmp_path, "FROM Busybox").advice == "Names of images and stages are written in small letters."


def test_a_file_that_is_nearly_there_is_offered(session: Session, tmp_path: Path) -> None:
    said = failed(session, tmp_path, "COPY pengiuns.py /", penguins__py="1")
    assert said.message == "The build does not find pengiuns.py."
    assert ", penguins.py; the step is “COPY pengiuns.py /”" in said.found
    assert said.advice == "You have penguins.py."


def test_a_file_that_is_ignored_is_told_from_one_that_is_missing(session: Session, tmp_path: Path) -> None:
    said = failed(session, tmp_path, "COPY a.txt /", a__txt="1", __dockerignore="*.txt\n")
    assert said.found.startswith("a.txt is in your folder, but .dockerignore keeps it out of the build;")
    assert said.advice.endswith("the last one decides: here it is *.txt.")


def test_a_file_that_another_stage_does_not_have(session: Session, tmp_path: Path) -> None:
    said = failed(session, tmp_path, "RUN touch /made\nFROM busybox\nCOPY --from=0 /out/made /made")
    assert said.message == "The build does not find /out in 0."
    assert said.found.startswith("there is no /out in 0;")
    assert "other stage" in said.advice
    said = failed(session, tmp_path, "RUN touch /made\nFROM busybox\nCOPY --from=0 /maed /made")
    assert said.message == "The build does not find /maed in 0."
