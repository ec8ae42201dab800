"""debian:trixie-slim."""

import pytest

from tests.images.support import config, run

pytestmark = pytest.mark.engine
IMAGE = "debian:trixie-slim"


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Cmd"] == ["bash"]
    assert not found["Entrypoint"]
    assert not found["User"]
    assert found["Env"]["PATH"] == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def test_is_debian_13_and_slim() -> None:
    script = ". /etc/os-release; echo $ID $VERSION_CODENAME; find /usr/share/man /usr/share/info -type f | wc -l"
    assert run(IMAGE, "sh", "-c", f"{{ {script}; }} 2>/dev/null").split() == ["debian", "trixie", "0"]


@pytest.mark.slow
def test_installs_packages_without_documentation() -> None:
    script = "apt-get update -qq && apt-get install -qq -y --no-install-recommends hello && hello && ls /usr/share/doc/hello"
    output = run(IMAGE, "sh", "-c", f"{{ {script}; }} 2>/dev/null").splitlines()
    assert output[-2:] == ["Hello, world!", "copyright"]
