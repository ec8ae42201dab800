"""Which second names of a Jupyter server will do."""

import pytest
from jupyter_server.serverapp import ServerApp

from grader.panel.second_name import Pages


def pages(host: str, monkeypatch: pytest.MonkeyPatch) -> Pages:
    monkeypatch.setenv("DRYDOCK_PAGES_HOST", host)
    return Pages(ServerApp())


@pytest.mark.parametrize(
    ("host", "visited"),
    [
        ("", "127.0.0.1"),
        ("", "[::1]"),
        ("localhost", "127.0.0.7"),
        ("LocalHost.", "127.0.0.1"),
        ("pages.example.net", "hub.example.org"),
        ("pages.example.net", "localhost"),
        ("127.0.0.2", "127.0.0.1"),
    ],
)
def test_a_name_apart_will_do(host: str, visited: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pages(host, monkeypatch).trouble(visited) == ""


@pytest.mark.parametrize(
    ("host", "visited", "says"),
    [
        ("hub.example.org", "hub.example.org", "apart"),
        ("hub.example.org", "hub.example.org.", "apart"),
        ("pages.hub.example.org", "hub.example.org", "apart"),  # a page could set cookies for all below its parent
        ("example.org", "hub.example.org", "apart"),
        ("", "hub.example.org", "DRYDOCK_PAGES_HOST"),  # localhost is the visitor's own machine
        ("", "10.0.0.7", "DRYDOCK_PAGES_HOST"),
        ("http://pages.example.net", "hub.example.org", "not the name"),
        ("pages.example.net:80", "hub.example.org", "not the name"),
        (".*", "hub.example.org", "not the name"),
    ],
)
def test_another_is_refused(host: str, visited: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert says in pages(host, monkeypatch).trouble(visited)
