import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.engine.build.dockerfile import vet
from grader.values.errors import CheckFailed

BAD_RUNS = {
    "plain": "RUN --network=host a",
    "lower case": "run --NETWORK=host a",
    "quoted value": 'RUN --network="host" a',
    "quoted name": "RUN --'network'=host a",
    "escaped": "RUN --netw\\ork=host a",
    "on the next line": "RUN \\\n  --network=host a",
    "cut in two": "RUN --net\\\nwork=host a",
    "the word itself cut in two": "RU\\\nN --network=host a",
    "behind comments and empty lines": "RUN \\\n\n# c\n  --network=host a",
    "behind another flag": "RUN --mount=type=bind,target=/x --network=host a",
    "behind a quoted flag": "RUN --mount='type=bind, target=/x' --network=host a",
    "with a space instead of =": "RUN --network host a",
    "from a variable": "ARG n=host\nRUN --network=$n a",
    "behind a byte that BuildKit takes for a space": "RUN --mount=type=tmpfs,target=/\u00c5--network=host a",
    "ONBUILD": "ONBUILD RUN --network=host a",
    "ONBUILD on several lines": "ONBUILD \\\n RUN \\\n --network=host a",
    "backtick at the end of a harmless line": "ENV A=`\nRUN --network=host a",
    "heredoc that ends like a continuation": 'RUN <<"E\\"\nx\nE\\\nRUN \\\n --network=host a',
    "behind a hundred comments": "RUN \\\n" + "# c\n" * 700 + "--network=host a",
    "insecure": "RUN --security=insecure a",
    "device": "RUN --device=vendor.com/gpu=all a",
    "cache from another image": "RUN --mount=type=cache,from=busybox,target=/x a",
    "cache with a source": "RUN --mount=target=/x,TYPE=cache,source=/y a",
    "cache, quoted as CSV": "RUN --mount='type=cache,\"from=busybox\",target=/x' a",
    "unknown mount": "RUN --mount=type=host,target=/x a",
}


@pytest.mark.parametrize("run", BAD_RUNS.values(), ids=list(BAD_RUNS))
def test_refuses_what_reaches_beyond_the_build(run: str) -> None:
    with pytest.raises(CheckFailed, match="not allowed here") as caught:
        vet(f"FROM busybox\n{run}\n", "Dockerfile")
    assert "in line " in caught.value.finding.found


def test_names_the_line() -> None:
    with pytest.raises(CheckFailed) as caught:
        vet("FROM busybox\n\nRUN --network=host wget x\n", "Dockerfile")
    assert "in line 3: RUN --network=host wget x" in caught.value.finding.found


def test_the_escape_character_of_windows_hides_nothing() -> None:
    with pytest.raises(CheckFailed):
        vet("# escape=`\nFROM busybox\nRUN `\n  --network=host a\n", "Dockerfile")


@pytest.mark.parametrize(
    "run",
    [
        "RUN pip install x",
        "RUN --mount=type=cache,target=/root/.cache/pip pip install x",
        "RUN --mount=type=bind,source=req.txt,target=/req.txt pip install -r /req.txt",
        "RUN --mount=type=bind,from=build,source=/x,target=/y cp /y /z",
        "RUN --mount=type=secret,id=token cat /run/secrets/token",
        "RUN --network=none true",
        "RUN --network=default true",
        "RUN --security=sandbox true",
        "RUN curl --network=host x",
        "RUN docker run \\\n  --network=host x",
        "# RUN --network=host x",
        'CMD ["run", "--network=host"]',
        "RUN <<EOF\napt-get update\nEOF",
    ],
)
def test_leaves_alone_what_stays_inside(run: str) -> None:
    text = f"FROM busybox AS build\n{run}\n"
    assert vet(text, "Dockerfile") == text


@pytest.mark.parametrize(
    "text",
    [
        "# syntax=evil/frontend\nFROM busybox\n",
        "#syntax = docker.example.com/docker/dockerfile:1\nFROM busybox\n",
        "# syntax=docker/dockerfile:1 evil\nFROM busybox\n",
        "# syntax=docker/dockerfile-evil:1\nFROM busybox\n",
        "# escape=`\n# syntax=evil\nFROM busybox\n",
        "// syntax=evil\nFROM busybox\n",
        "#!/bin/x\n# syntax=evil\nFROM busybox\n",
        '{\n"syntax":\n"evil"}',
        '#!/bin/x\n{"syntax":"evil"}',
        '#!/bin/x\n \t\n{"syntax":"evil"}',
        "\ufeff# syntax=evil\nFROM busybox\n",
        "\ufeff\ufeff# syntax=evil\nFROM busybox\n",
        '\ufeff{"syntax":"evil"}',
        "\ufeff#!/bin/x\n# syntax=evil\nFROM busybox\n",
        "# SYNTAX=evil\r\nFROM busybox\r\n",
    ],
)
def test_refuses_a_foreign_frontend(text: str) -> None:
    with pytest.raises(CheckFailed, match="not allowed here") as caught:
        vet(text, "Dockerfile")
    assert "frontend" in caught.value.finding.found


@pytest.mark.parametrize("image", ["docker/dockerfile:1", "docker.io/docker/dockerfile", "docker/dockerfile:1.7-labs"])
def test_takes_out_the_line_of_the_official_frontend_so_that_nothing_is_pulled(image: str) -> None:
    built = vet(f"# syntax={image}\nFROM busybox\nRUN x\n", "Dockerfile")
    assert "syntax=" not in built
    assert built.splitlines()[1:] == ["FROM busybox", "RUN x"]


def test_the_other_directives_stay_in_force() -> None:
    built = vet("# syntax=docker/dockerfile:1\n# escape=`\nFROM busybox\n", "Dockerfile").splitlines()
    assert built[0] == "# escape=`"
    assert len(built) == 3


def test_a_comment_further_down_is_no_directive() -> None:
    text = "# A comment\n# syntax=evil\nFROM busybox\n"
    assert vet(text, "Dockerfile") == text


@given(st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from(list("RUN- \\`\n#='\"mount")))))
@settings(max_examples=150, deadline=None)
def test_any_text_is_either_refused_or_built(text: str) -> None:
    try:
        built = vet(text, "Dockerfile")
    except CheckFailed:
        return
    assert len(built.split("\n")) == len(text.split("\n"))


@given(
    st.lists(
        st.sampled_from(
            ["RUN ", "RU", "N ", "\\\n", "`\n", "\n", "# c\n", "--mount=type=tmpfs,target=/x ", " ", "\t", "'", '"']
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_a_plain_host_network_is_found_whatever_stands_before_it(before: list[str]) -> None:
    with pytest.raises(CheckFailed):
        vet("".join(before) + "\nRUN --network=host x", "Dockerfile")


@pytest.mark.parametrize("line", ["RUN -\\\n", "ONBUILD \\\n", "\\\n", "RUN \\\n", "R\\\n", "RUN --a='"])
def test_no_text_keeps_it_busy(line: str) -> None:
    begin = time.monotonic()
    with contextlib.suppress(CheckFailed):
        vet(line * (20_000 // len(line)), "Dockerfile")
    assert time.monotonic() - begin < 10
