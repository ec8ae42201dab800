import pytest

from grader.diagnose import missing_source
from grader.values.events import BuildStep

CHECKSUM = "failed to calculate checksum of ref 3w6::k1: "


def _step(name: str, error: str) -> BuildStep:
    return BuildStep(name=name, cached=False, started_s=0, duration_s=0, error=error, log="")


def test_what_another_stage_does_not_have() -> None:
    missing = missing_source.read(_step("[stage-1 2/2] COPY --from=builder /out/model /", f'{CHECKSUM}"/out/model": not found'))
    assert missing is not None
    assert (missing.path, missing.stage) == ("out/model", "builder")
    finding = missing.not_in_stage().finding
    assert finding.message == "The build does not find /out/model in builder."
    assert "“COPY --from=builder /out/model /”" in finding.found


@pytest.mark.parametrize(
    "error",
    [
        f'{CHECKSUM}"/data/pengiuns.csv": not found',
        "failed to compute cache key: lstat /var/lib/docker/tmp/buildkit-mount123/data/pengiuns.csv: no such file or directory",
    ],
)
def test_what_the_context_does_not_have(error: str) -> None:
    missing = missing_source.read(_step("[2/2] COPY data/pengiuns.csv /", error))
    assert missing is not None
    assert (missing.path, missing.stage) == ("data/pengiuns.csv", "")
    finding = missing.not_there(["penguins.csv", "rows.txt"]).finding
    assert finding.message == "The build does not find data/pengiuns.csv."
    assert finding.found.startswith(
        "there is no data/pengiuns.csv in your folder, only penguins.csv, rows.txt; the step is “COPY"
    )
    assert finding.advice == "You have penguins.csv."
    assert missing.not_there([]).finding.advice == "Check the spelling, and the folder that it is in."
    finding = missing.left_out("line 3, *.csv").finding
    assert ".dockerignore keeps it out of the build" in finding.found
    assert finding.advice.endswith("the last one decides: here it is line 3, *.csv.")


@pytest.mark.parametrize("error", ["", 'process "/bin/sh -c make" did not complete successfully: exit code: 2'])
def test_what_is_about_no_file(error: str) -> None:
    assert missing_source.read(_step("[2/2] RUN make", error)) is None
