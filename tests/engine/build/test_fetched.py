"""Addresses that a Dockerfile lets the builder fetch."""

import pytest

from grader.engine.build import dockerfile, fetched
from grader.values.errors import CheckFailed


@pytest.mark.parametrize(
    "line",
    [
        "ADD http://127.0.0.1:8888/api /x",
        "add http://localhost/x /x",
        "ADD --chmod=644 --checksum=sha256:00 http://127.0.0.1/x /x",
        'ADD ["http://127.0.0.1/x", "/x"]',
        "ADD http://user:word@127.0.0.1/x /x",
        "ADD a.txt http://127.0.0.1/x b.txt /x/",
        "ADD \\\n    http://127.0.0.1/x /x",
        "ONBUILD ADD http://127.0.0.1/x /x",
        "ADD http://[::1]:8888/ /x",
        "ADD http://[::ffff:127.0.0.1]/ /x",
        "ADD http://2130706433/ /x",
        "ADD http://0x7f000001/ /x",
        "ADD http://127.1/ /x",
        "ADD http://0/ /x",
        "ADD http://169.254.169.254/latest/meta-data /x",
        "ADD git://127.0.0.1/x.git /x",
        "ADD git@127.0.0.1:x/y.git /x",
        "ADD ssh://git@127.0.0.1/x.git /x",
        "ARG WHERE=127.0.0.1\nADD http://$WHERE/x /x",
        "ENV WHERE 127.0.0.1\nADD http://${WHERE}/x /x",
        "ADD ${FROM:-http://127.0.0.1/} /x",
    ],
)
def test_this_machine_is_refused_with_its_line(line: str) -> None:
    text = f"FROM busybox\n{line}\n"
    with pytest.raises(CheckFailed) as caught:
        dockerfile.vet(text, "Dockerfile")
    assert "an address of the machine that builds" in caught.value.finding.found
    number = 2 + line.lower().split("add", maxsplit=1)[0].count("\n")
    assert f"in line {number}:" in caught.value.finding.found


@pytest.mark.parametrize(
    "line",
    [
        "ADD https://203.0.113.9/x.tar.gz /x",
        "ADD . /app",
        "ADD data.tar.gz $HOME/",
        "COPY notes-about-http://localhost.txt /x",
        "RUN curl http://127.0.0.1:8000/health",
        'LABEL url="http://localhost/"',
    ],
)
def test_everything_else_is_not(line: str) -> None:
    assert dockerfile.vet(f"FROM busybox\n{line}\n", "Dockerfile")


def test_a_name_that_nobody_knows_is_no_machine() -> None:
    assert not fetched.is_this_machine("no-such-host.invalid")
    assert not fetched.is_this_machine("a" * 300)
