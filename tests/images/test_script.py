"""scripts/images.sh: what it keeps, what it says, and that it never leaves a person without a next step."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.images.support import RECIPES

SCRIPT = RECIPES.parent / "scripts" / "images.sh"


def images(*arguments: str, path: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings, **({"PATH": path} if path else {})}
    return subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def bare_machine(tmp_path: Path) -> str:
    """Return a PATH with an engine that has no images and no network, and without mmdebstrap; the user is not root."""
    for folder in ("/usr/bin", "/bin"):
        for tool in Path(folder).iterdir():
            if tool.name not in {"mmdebstrap", "docker", "id"} and not (tmp_path / tool.name).exists():
                (tmp_path / tool.name).symlink_to(tool)
    (tmp_path / "docker").write_text('#!/bin/sh\n[ "$1" = version ] || { echo "no such host" >&2; exit 1; }\n')
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    for name in ("docker", "id"):
        (tmp_path / name).chmod(0o755)
    return str(tmp_path)


def test_help_names_the_options() -> None:
    done = images("--help")
    assert done.returncode == 0
    assert {"--list", "--remove", "--rebuild"} <= set(done.stdout.replace("[", " ").replace("]", " ").split())


def test_unknown_image_is_named_with_those_there_are() -> None:
    done = images("postgress")
    assert done.returncode == 1
    assert "postgress" in done.stderr
    assert "postgres " in done.stderr


def test_no_engine(bare_machine: str) -> None:
    (Path(bare_machine) / "docker").write_text("#!/bin/sh\nexit 1\n")
    done = images(path=bare_machine)
    assert done.returncode == 1
    assert "no Docker engine answers" in done.stderr


def test_cannot_pull_and_cannot_build_says_what_to_do(bare_machine: str) -> None:
    begin = time.monotonic()
    done = images("busybox", path=bare_machine)
    assert done.returncode == 1
    assert "cannot be pulled" in done.stderr
    assert "install mmdebstrap" in done.stderr or "docker load" in done.stderr
    assert time.monotonic() - begin < 60  # not a minute for each image


def test_unreadable_certificates_are_named(bare_machine: str) -> None:
    done = images(path=bare_machine, DRYDOCK_CA_BUNDLE="/nowhere.pem")
    assert done.returncode == 1
    assert "/nowhere.pem" in done.stderr


@pytest.mark.engine
def test_nothing_to_do_takes_seconds_and_changes_nothing() -> None:
    before = subprocess.run(["docker", "images", "--quiet", "--no-trunc", "debian"], capture_output=True, text=True, check=True)
    begin = time.monotonic()
    done = images("debian", "busybox")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("kept") == 2
    assert time.monotonic() - begin < 30
    assert subprocess.run(before.args, capture_output=True, text=True, check=True).stdout == before.stdout


@pytest.mark.engine
def test_list_shows_kind_and_size() -> None:
    done = images("--list")
    assert done.returncode == 0
    line = next(line for line in done.stdout.splitlines() if line.startswith("busybox:latest"))
    assert "official" in line
    assert "MB" in line


@pytest.mark.engine
def test_a_change_below_makes_what_stands_on_it_outdated(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n")
    kinds = {line.split()[0]: line.split()[1] for line in images("--list", DRYDOCK_CA_BUNDLE=str(bundle)).stdout.splitlines()}
    assert kinds["debian:trixie-slim"] in {"outdated", "official"}
    assert kinds["busybox:latest"] == kinds["debian:trixie-slim"] or "official" in kinds.values()


def test_no_registry_is_named_in_the_recipes() -> None:
    hosts = [".".join(parts) for parts in (("deb", "debian", "org"), ("pypi", "org"), ("registry", "npmjs", "org"))]
    for file in [SCRIPT, *(path for path in RECIPES.rglob("*") if path.is_file())]:
        assert not [host for host in hosts if host in file.read_text()], file


STUB = r"""#!/bin/sh
# An engine that has the official debian and nothing else, cannot pull, and takes a second for a build.
case "$1 ${2:-}" in
    "image inspect")
        for name; do :; done
        case $name in debian:*) echo; exit ;; esac
        [ -e "$MADE/$name" ] || { echo "no such image" >&2; exit 1; }
        cat "$MADE/$name" ;;
    "buildx build")
        while [ $# -gt 1 ]; do
            case $1 in --tag) name=$2 ;; --label) case $2 in org.drydock.stand-in=*) hash=${2#*=} ;; esac ;; esac
            shift
        done
        echo "begin $name" >>"$MADE/log"
        sleep 1
        echo "end $name" >>"$MADE/log"
        [ "$name" != "$SPOILT" ] || { echo "E: no such package" >&2; exit 1; }
        echo "$hash" >"$MADE/$name" ;;
    tag*) [ "$2" = "$3" ] || cp "$MADE/$2" "$MADE/$3" ;;
esac
"""


@pytest.fixture
def stub(tmp_path: Path) -> dict[str, str]:
    """Settings for a machine with three processors and such an engine."""
    tools = {"docker": STUB, "mmdebstrap": "#!/bin/sh\n", "getconf": "#!/bin/sh\necho 3\n"}
    for name, text in tools.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "made").mkdir()
    found = {"MADE": str(tmp_path / "made"), "SPOILT": "", "DRYDOCK_PULL": "no"}
    return {**found, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}


def test_images_that_stand_on_debian_alone_are_built_beside_each_other(stub: dict[str, str]) -> None:
    names = ("busybox", "nginx", "python", "redis", "registry")
    done = images(*names, **stub)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("done in") == len(names)
    going, most = 0, 0
    for line in (Path(stub["MADE"]) / "log").read_text().splitlines():
        going += 1 if line.startswith("begin") else -1
        most = max(most, going)
    assert 2 <= most <= 3
    again = images(*names, **stub)
    assert (again.returncode, again.stdout.count("kept")) == (0, len(names) + 1)


def test_one_that_cannot_be_built_is_told_and_the_others_are_there(stub: dict[str, str]) -> None:
    done = images("busybox", "redis", "registry", **{**stub, "SPOILT": "redis:8"})
    assert done.returncode == 1
    assert "the stand-in for redis:8 could not be built" in done.stderr
    assert "E: no such package" in done.stderr
    assert done.stdout.count("done in") == 2
