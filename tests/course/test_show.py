"""What the charts are drawn from: a build's log, an image's history."""

import struct
from types import SimpleNamespace
from typing import Any

import _show as show
import pytest

from grader import pictures
from grader.pictures.canvas import WIDTH

LOG = """\
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [1/4] FROM docker.io/library/python:3.13-slim
#4 CACHED
#5 [internal] load build context
#5 transferring context: 22B done
#5 DONE 0.0s
#6 [2/4] WORKDIR   /app
#6 CACHED
#8 [4/4] COPY f /f
#7 [3/4] RUN sleep 1; echo hi
#7 1.133 hi
#7 DONE 1.2s
#8 DONE 0.1s
#9 exporting to image
#9 DONE 0.0s
"""


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is handed to the notebook."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(show, "display", lambda data, raw, metadata: found.append({**data, **metadata["image/png"]}))
    return found


def test_steps_of_a_log_come_in_the_dockerfiles_order() -> None:
    steps: dict[str, show.Step] = {}
    for place, line in enumerate(LOG.splitlines()):
        show._note(line, float(place), steps)
    listed = sorted(steps.values(), key=lambda step: step.place)
    assert [(s.name, s.cached, s.seconds) for s in listed] == [
        ("WORKDIR /app", True, 0.0),
        ("RUN sleep 1; echo hi", False, 1.2),
        ("COPY f /f", False, 0.1),
    ]


def test_steps_of_two_stages_are_kept_apart() -> None:
    steps: dict[str, show.Step] = {}
    show._note("#5 [build 2/3] RUN make\n", 0.0, steps)
    show._note("#6 [stage-1 2/2] COPY --from=build /a /a\n", 0.0, steps)
    assert [step.place for step in steps.values()] == [("build", 2), ("stage-1", 2)]


def test_a_mount_does_not_hide_what_a_step_runs() -> None:
    assert show._shorten("RUN --mount=type=bind,source=wheels,target=/wheels     pip install x") == "RUN pip install x"
    assert show._shorten("COPY --from=build /a /a") == "COPY --from=build /a /a"


def test_notes_can_be_left_out_of_the_layers(
    monkeypatch: pytest.MonkeyPatch, drawn: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [(9, "base"), (2, "COPY a /a # buildkit"), (0, "USER 10001"), (0, "RUN /bin/sh -c rm /a # buildkit")]
    monkeypatch.setattr(show, "_history", lambda image: lines[:1] if image == "base" else lines)
    show.layers("mine", base="base", notes=False)
    said = capsys.readouterr().out
    assert [line[4:50].strip() for line in said.splitlines()[1:]] == ["FROM base", "COPY a /a", "RUN rm /a"]
    show.layers("mine", base="base")
    assert "USER 10001" in capsys.readouterr().out
    assert [one["text/plain"] for one in drawn] == ["Chart: Layers of mine, as bars"] * 2
    assert all(one["image/png"].startswith(b"\x89PNG") for one in drawn)


def test_charts_are_the_panels_and_fit_a_narrow_column(monkeypatch: pytest.MonkeyPatch, drawn: list[dict[str, Any]]) -> None:
    told: list[Any] = []

    def timeline(builds: Any, **more: Any) -> pictures.Picture:
        told.append(builds)
        picture = pictures.timeline(builds, **more)
        assert picture.summary.startswith("Both: the build took 2.5 s;")  # as the table says, and not its last step's end
        return picture

    monkeypatch.setattr(show, "pictures", SimpleNamespace(timeline=timeline))
    steps = [show.Step("RUN a", ("build", 2), 0, 1), show.Step("COPY b", ("build", 3), 1, 1), show.Step("RUN c", ("", 2), 1, 1)]
    show.timeline({"both": show.Build(2.5, steps)})
    assert [one.name for one in told[0]["both"]] == ["[build 2/3] RUN a", "[build 3/3] COPY b", "[2/2] RUN c"]
    assert drawn[0]["width"] == WIDTH
    assert struct.unpack(">I", drawn[0]["image/png"][16:20]) == (2 * WIDTH,)  # sharp on screens with small pixels


def test_the_weight_of_an_image_is_with_or_without_its_base(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [(9_000_000, "base"), (2_500_000, "COPY a /a # buildkit"), (0, "USER 10001")]
    monkeypatch.setattr(show, "_history", lambda image: lines[:1] if image == "base" else lines)
    assert show.weight("mine", base="base") == pytest.approx(2.5)
    assert show.weight("mine") == pytest.approx(11.5)


@pytest.mark.parametrize(
    ("history", "dockerfile"),
    [
        ("RUN /bin/sh -c rm /big # buildkit", "RUN rm /big"),
        ("RUN |1 TOKEN=hunter2 /bin/sh -c echo hi # buildkit", "RUN echo hi"),
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'),
        ("COPY a /a # buildkit", "COPY a /a"),
        ("", "(imported files)"),
    ],
)
def test_history_reads_like_the_dockerfile(history: str, dockerfile: str) -> None:
    assert show._plain(history) == dockerfile


def test_bars_come_as_a_table_and_a_picture(drawn: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    show.bars("Sizes", {"small": 4.46, "large": 122.94}, "MB")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["Sizes"], ["small", "4.5", "MB"], ["large", "122.9", "MB"]]
    assert drawn[0]["text/plain"] == "Chart: Sizes, as bars"
    assert drawn[0]["image/png"].startswith(b"\x89PNG")


def test_a_timeline_tells_cached_from_run(drawn: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    ran = show.Build(2.0, [show.Step("RUN train", begin=0.5, seconds=1.4)])
    cached = show.Build(0.3, [show.Step("RUN train", begin=0.1, cached=True)])
    show.timeline({"First": ran, "Second": cached})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["First:", "2.0", "s"], ["RUN", "train", "1.4", "s"], ["Second:", "0.3", "s"], ["RUN", "train", "cached"]]
    assert drawn[0]["image/png"].startswith(b"\x89PNG")


@pytest.mark.engine
def test_a_build_that_fails_shows_the_end_of_its_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("MARK", "--label=drydock.chapter=test")
    (tmp_path / "Dockerfile").write_text("FROM busybox\nRUN echo this went wrong; false\n")
    with pytest.raises(show.BuildError, match="this went wrong"):
        show.build("--no-cache", str(tmp_path))
