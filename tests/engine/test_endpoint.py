"""The engine is looked for where the docker command looks for it, and why it does not answer is told."""

import hashlib
import json
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import DockerException

from grader.engine import client, endpoint
from grader.values.errors import EngineUnavailable


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The docker client's own folder, and no variable that says where an engine is."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def certificates(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text(name)
    return folder


def make_context(home: Path, name: str, address: str, *, tls: bool = False, skip: bool = False) -> None:
    """As `docker context create` writes it."""
    where = hashlib.sha256(name.encode()).hexdigest()
    meta = home / "contexts" / "meta" / where / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": address, "SkipTLSVerify": skip}}}))
    if tls:
        certificates(home / "contexts" / "tls" / where / "docker")


def test_by_itself_it_is_the_default_socket(home: Path) -> None:
    assert endpoint.find() == endpoint.Endpoint("unix:///var/run/docker.sock")
    assert endpoint.context() == "default"


def test_the_current_context_then_the_variable_for_it_then_the_host(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_context(home, "one", "unix:///one.sock")
    make_context(home, "two", "unix:///two.sock")
    (home / "config.json").write_text('{"currentContext": "one"}')
    assert (endpoint.find().address, endpoint.context()) == ("unix:///one.sock", "one")
    monkeypatch.setenv("DOCKER_CONTEXT", "two")
    assert (endpoint.find().address, endpoint.context()) == ("unix:///two.sock", "two")
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    assert (endpoint.find().address, endpoint.context()) == ("unix:///var/run/docker.sock", "default")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert (endpoint.find().address, endpoint.context()) == ("tcp://127.0.0.1:1", "default")


def test_a_context_that_was_made_by_the_docker_command(home: Path, tmp_path: Path) -> None:
    subprocess.run(
        ["docker", "context", "create", "elsewhere", "--docker", "host=tcp://127.0.0.1:2376"],
        env={**os.environ, "DOCKER_CONFIG": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    (home / "config.json").write_text('{"currentContext": "elsewhere"}')
    assert endpoint.find() == endpoint.Endpoint("tcp://127.0.0.1:2376")


@pytest.mark.parametrize("by_variable", [True, False])
def test_a_context_that_is_not_there_any_more_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, *, by_variable: bool
) -> None:
    if by_variable:
        monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    else:
        (home / "config.json").write_text('{"currentContext": "gone"}')
    with pytest.raises(EngineUnavailable, match="context gone does not exist") as caught:
        client.connect()
    assert ("DOCKER_CONTEXT names it" if by_variable else "config.json names it") in caught.value.message
    assert "docker context ls" in caught.value.next_step


def test_certificates_of_a_context_and_of_the_variables(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_context(home, "safe", "tcp://127.0.0.1:2376", tls=True)
    monkeypatch.setenv("DOCKER_CONTEXT", "safe")
    tls = endpoint.find().tls
    assert tls is not None
    assert tls.cert is not None
    assert [Path(one).name for one in (*tls.cert, str(tls.ca_cert))] == ["cert.pem", "key.pem", "ca.pem"]
    assert tls.verify

    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2376")
    assert endpoint.find().tls is None
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates(tmp_path / "mine")))
    tls = endpoint.find().tls
    assert tls is not None
    assert tls.ca_cert == str(tmp_path / "mine" / "ca.pem")
    monkeypatch.delenv("DOCKER_TLS_VERIFY")
    monkeypatch.setenv("DOCKER_TLS", "1")
    tls = endpoint.find().tls
    assert tls is not None
    assert not tls.verify


def test_certificates_that_are_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2376")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(home / "nowhere"))
    with pytest.raises(EngineUnavailable, match=r"no certificates in .*nowhere"):
        client.connect()


# Why it does not answer.


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A port that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_no_such_socket_and_one_that_nobody_listens_on(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine.sock")
    with pytest.raises(EngineUnavailable, match="there is no such socket"):
        client.connect()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(f"{tmp_path}/engine.sock")
    with pytest.raises(EngineUnavailable, match=r"nothing listens there \(connection refused\)"):
        client.connect()
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(EngineUnavailable, match=r"nothing listens there \(connection refused\)"):
        client.connect()


def test_an_engine_that_speaks_tls(home: Path, server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")

    threading.Thread(target=answer, daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.getsockname()[1]}")
    with pytest.raises(EngineUnavailable, match="it speaks TLS, and was asked without") as caught:
        client.connect()
    assert "DOCKER_TLS_VERIFY" in caught.value.next_step


def _wrapped(inner: Exception) -> Exception:
    """As requests hands on what urllib3 handed on."""
    return requests.exceptions.ConnectionError(inner)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "permission denied"),
        (_wrapped(PermissionError(13, "Permission denied")), "permission denied"),
        (_wrapped(ConnectionRefusedError()), "connection refused"),
        (_wrapped(ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")), "TLS failed"),
        (_wrapped(socket.gaierror(-2, "Name or service not known")), "no machine of that name"),
        (requests.exceptions.ConnectTimeout(), "no answer in time"),
        (requests.exceptions.ReadTimeout(), "no answer in time"),
        (DockerException("Install paramiko package to enable ssh:// support"), "paramiko"),
        (ValueError("something else"), "something else"),
    ],
)
def test_the_reason_is_told(error: Exception, words: str) -> None:
    fault = endpoint.silent(endpoint.Endpoint("tcp://build.example:2376"), error)
    assert fault.message.startswith("No Docker engine answers at tcp://build.example:2376: ")
    assert words in fault.message
    assert fault.next_step


@pytest.mark.engine
def test_through_a_context_to_the_real_engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = docker.from_env(environment={"DOCKER_HOST": "unix:///var/run/docker.sock"})
    make_context(home, "here", "unix:///var/run/docker.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "here")
    connected = client.connect()
    assert connected.info()["ID"] == real.info()["ID"]
    connected.close()
    real.close()
