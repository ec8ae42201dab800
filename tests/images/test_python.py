"""python:3.13-slim: the layout that people's Dockerfiles copy from."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.images.support import built, config, run

pytestmark = pytest.mark.engine
IMAGE = "python:3.13-slim"


def python(code: str) -> str:
    return run(IMAGE, "python", "-c", code).strip()


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Cmd"] == ["python3"]
    assert not found["Entrypoint"]
    assert not found["User"]
    assert found["Env"]["PATH"].startswith("/usr/local/bin:")
    assert "LANG" not in found["Env"]
    assert python("import platform; print(platform.python_version())") == found["Env"]["PYTHON_VERSION"]
    assert found["Env"]["PYTHON_VERSION"].startswith("3.13.")


def test_commands_are_in_usr_local() -> None:
    names = ("python", "python3", "python3.13", "pip", "pip3", "python3-config", "pydoc")
    assert run(IMAGE, "which", *names).split() == [f"/usr/local/bin/{name}" for name in names]


def test_packages_live_in_site_packages() -> None:
    code = """
import json, site, sys, sysconfig
searched = [path for path in sys.path if "packages" in path]
paths = [sysconfig.get_path("purelib"), sysconfig.get_path("include"), sysconfig.get_config_var("prefix")]
print(json.dumps([sys.prefix, site.getsitepackages(), *paths, searched]))
"""
    packages = "/usr/local/lib/python3.13/site-packages"
    assert json.loads(python(code)) == [
        "/usr/local", [packages], packages, "/usr/local/include/python3.13", "/usr/local", [packages],
    ]  # fmt: skip


def test_nothing_says_externally_managed() -> None:
    assert not run(IMAGE, "sh", "-c", "find / -xdev -name EXTERNALLY-MANAGED")


def test_standard_library_is_whole() -> None:
    modules = "asyncio bz2 ctypes curses dbm.ndbm decimal ensurepip hashlib json lzma readline sqlite3 ssl uuid venv zlib"
    assert python(f"for m in {modules.split()!r}: __import__(m)\nprint('whole')") == "whole"


def test_certificates_and_time_zones_are_there() -> None:
    assert python("import ssl; print(ssl.create_default_context().cert_store_stats()['x509_ca'] > 100)") == "True"
    assert python("import zoneinfo; print(zoneinfo.ZoneInfo('Europe/Madrid'))") == "Europe/Madrid"


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("pip install", "/usr/local/lib/python3.13/site-packages"),
        ("pip install --user", "/root/.local/lib/python3.13/site-packages"),
        ("pip install --prefix=/install", "/install/lib/python3.13/site-packages"),
        ("python -m venv /opt/venv && /opt/venv/bin/pip install", "/opt/venv/lib/python3.13/site-packages"),
    ],
)
def test_pip_installs_where_people_copy_from(how: str, where: str, package: Path) -> None:
    script = f"{how} --quiet --no-index /src/*.whl 2>/dev/null; find / -xdev -name drydock_probe.py -not -path '/proc/*'"
    assert run(IMAGE, "sh", "-c", script, options=("--volume", f"{package}:/src:ro")).split() == [f"{where}/drydock_probe.py"]


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a wheel of one module: pip can be tried without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(folder / "drydock_probe-1-py3-none-any.whl", "w") as wheel:
        info = "drydock_probe-1.dist-info"
        wheel.writestr("drydock_probe.py", "answer = 42\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: drydock-probe\nVersion: 1\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: drydock\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    folder.chmod(0o755)
    return folder


def test_multi_stage_copies_work(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"""\
FROM {IMAGE} AS build
RUN pip install --quiet --root-user-action=ignore six
RUN python -m venv --without-pip /opt/venv && pip --python /opt/venv/bin/python install --quiet six

FROM {IMAGE} AS site
COPY --from=build /usr/local/lib/python3.13/site-packages /usr/local/lib/python3.13/site-packages
RUN python -c "import six"

FROM {IMAGE}
COPY --from=build /opt/venv /opt/venv
COPY --from=site /usr/local /usr/local
RUN /opt/venv/bin/python -c "import six, sys; assert sys.prefix == '/opt/venv'"
CMD ["python", "-c", "import six; print(six.__file__)"]
""")
    # This is also the proof that pip reaches its index from a build, through whatever proxy and certificate there is.
    with built(tmp_path) as image:
        assert run(image) == "/usr/local/lib/python3.13/site-packages/six.py\n"


@pytest.mark.slow
def test_c_extensions_build(tmp_path: Path) -> None:
    (tmp_path / "probe.c").write_text("""\
#include <Python.h>
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "probe", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_probe(void) { return PyModule_Create(&module); }
""")
    (tmp_path / "setup.py").write_text(
        "from setuptools import Extension, setup\n"
        "setup(name='probe', version='1', ext_modules=[Extension('probe', ['probe.c'])])\n"
    )
    (tmp_path / "Dockerfile").write_text(f"""\
FROM {IMAGE}
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends gcc libc6-dev
WORKDIR /src
COPY probe.c setup.py ./
RUN pip install --root-user-action=ignore . && cd / && python -c "import probe; print(probe.__file__)"
""")
    with built(tmp_path) as image:
        assert run(image, "python", "-c", "import probe; print(probe.__file__)", options=("--workdir", "/")).startswith(
            "/usr/local/lib/python3.13/site-packages/probe.cpython-313"
        )
