"""Copy Debian's Python to /usr/local and undo, in the copy, Debian's changes to where packages go.

Each edit states what it expects to find and stops the build where that is not there: a new Debian revision must not
change the layout unnoticed.
"""

import _imp
import importlib.util
import marshal
import pprint
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
NAME = f"python{VERSION}"
MULTIARCH = sysconfig.get_config_var("MULTIARCH")
SOURCE, TARGET = Path("/usr"), Path("/usr/local")
STDLIB = TARGET / "lib" / NAME


def edit(file: str, pattern: str, replacement: str) -> None:
    """Replace the one match of the pattern in a file of the standard library."""
    path = STDLIB / file
    text, count = re.subn(pattern, replacement, path.read_text(), flags=re.DOTALL)
    if count != 1:
        sys.exit(f"{path}: expected one match of {pattern!r}, found {count}: compare Debian's patches with relocate.py")
    path.write_text(text)


def copy_files() -> None:
    """Copy the interpreter, the library and the headers, and give the commands their names."""
    shutil.rmtree(STDLIB, ignore_errors=True)  # Debian puts an empty dist-packages there
    shutil.copytree(
        SOURCE / "lib" / NAME,
        STDLIB,
        ignore=shutil.ignore_patterns(
            "__pycache__",
            "EXTERNALLY-MANAGED",
            "test",
            "tests",
            "libpython*.a",
            "libpython*.so",
            "python.o",
            "_test*.so",
            "_xxtest*.so",
            "_ctypes_test*.so",
            "xxlimited*.so",
            "xxsubtype*.so",
            "sitecustomize.py",
            "_distutils_system_mod.py",
        ),
    )  # Debian's hooks
    (STDLIB / "site-packages").mkdir()
    include = TARGET / "include" / NAME
    shutil.copytree(SOURCE / "include" / NAME, include)
    shutil.copy(SOURCE / "include" / MULTIARCH / NAME / "pyconfig.h", include)  # the one above it only points here

    bin_ = TARGET / "bin"
    shutil.copy(SOURCE / "bin" / NAME, bin_)
    (bin_ / "python3").symlink_to(NAME)
    (bin_ / "python").symlink_to("python3")
    shutil.copy(SOURCE / "lib" / MULTIARCH / f"libpython{VERSION}.so.1.0", TARGET / "lib")
    (TARGET / "lib" / f"libpython{VERSION}.so").symlink_to(f"libpython{VERSION}.so.1.0")
    (TARGET / "lib" / "libpython3.so").symlink_to(f"libpython{VERSION}.so.1.0")

    config = bin_ / f"{NAME}-config"
    config.write_text(f'#!/bin/sh\nexec {bin_}/{NAME} {STDLIB}/config-{VERSION}-{MULTIARCH}/python-config.py "$@"\n')
    pydoc = bin_ / f"pydoc{VERSION}"
    pydoc.write_text(f"#!{bin_}/{NAME}\nimport pydoc\n\npydoc.cli()\n")
    for script, links in ((config, ("python3-config", "python-config")), (pydoc, ("pydoc3", "pydoc"))):
        script.chmod(0o755)
        for link in links:
            (bin_ / link).symlink_to(script.name)


def undo_layout() -> None:
    """Make the copy look for packages, and install them, in site-packages."""
    # site.py: look for packages in site-packages only.
    edit("site.py", r"            if is_virtual_environment:\n.*?# this one is deprecated for Debian\n", "")
    edit("site.py", r'(abi_thread\}",\s+)"dist-packages"', r'\1"site-packages"')
    edit("site.py", r"\n    is_virtual_environment = [^\n]*\n", "\n")
    thaw_site()
    # sysconfig: install there too.
    edit("sysconfig/__init__.py", r"    'deb_system': \{.*?\n +\},\n", "")
    edit("sysconfig/__init__.py", r"    'posix_local': \{.*?\n +\},\n", "")
    edit("sysconfig/__init__.py", r", 'posix_local', 'deb_system'\)", ")")
    edit(
        "sysconfig/__init__.py",
        r"    if sys\.base_prefix != sys\.prefix or [^\n]*\n        # virtual environments\n.*?"
        r"\n\n(    return \{\n        'prefix': )prefix_scheme",
        r"\1'posix_prefix'",
    )
    # ensurepip: neither switched off nor looking for Debian's wheel.
    edit("ensurepip/__init__.py", r"def _ensurepip_is_disabled_in_debian_for_system\(\):.*?\n\n\n", "")
    edit(
        "ensurepip/__init__.py",
        r"    # Ensure that we are only running this inside[^\n]*\n    # of some kind\.\n"
        r"    _ensurepip_is_disabled_in_debian_for_system\(\)\n\n",
        "",
    )


def thaw_site() -> None:
    """The interpreter carries a compiled copy of site.py and prefers it: put the edited one in the same place there."""
    frozen = bytes(_imp.find_frozen("site", withdata=True)[0])
    ours = marshal.dumps(compile((STDLIB / "site.py").read_text(), "<frozen site>", "exec"))
    if len(ours) > len(frozen):
        sys.exit(f"the edited site.py compiles to {len(ours)} bytes; the interpreter has room for {len(frozen)}")
    for binary in (TARGET / "bin" / NAME, TARGET / "lib" / f"libpython{VERSION}.so.1.0"):
        content = binary.read_bytes()
        if content.count(frozen) != 1:
            sys.exit(f"{binary}: expected its compiled site.py once, found it {content.count(frozen)} times")
        binary.write_bytes(content.replace(frozen, ours.ljust(len(frozen), b"\0")))


def moved(value: object) -> object:
    """Return a build variable with the copy's paths in place of Debian's."""
    if not isinstance(value, str):
        return value
    for old, new in (
        (f"/usr/lib/{MULTIARCH}/{NAME}", f"/usr/local/lib/{NAME}"),
        (f"/usr/lib/{NAME}", f"/usr/local/lib/{NAME}"),
        (f"/usr/include/{NAME}", f"/usr/local/include/{NAME}"),
        ("--prefix=/usr'", "--prefix=/usr/local'"),
    ):
        value = value.replace(old, new)
    return value


def rewrite_build_variables() -> None:
    """What `sysconfig.get_config_var` and builds of C extensions are told."""
    fixed = {
        "prefix": "/usr/local",
        "exec_prefix": "/usr/local",
        "BINDIR": "/usr/local/bin",
        "LIBDIR": "/usr/local/lib",
        "EXENAME": f"/usr/local/bin/{NAME}",
        "INCLUDEDIR": "/usr/local/include",
        "CONFINCLUDEDIR": "/usr/local/include",
        "LIBPC": "/usr/local/lib/pkgconfig",
        "SCRIPTDIR": "/usr/local/lib",
        "MANDIR": "/usr/local/share/man",
        "datarootdir": "/usr/local/share",
    }
    for path in STDLIB.glob("_sysconfigdata_*.py"):
        if path.is_symlink():
            continue
        spec = importlib.util.spec_from_file_location("data", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        variables = {key: moved(value) for key, value in module.build_time_vars.items() if key != "WHEEL_PKG_DIR"} | fixed
        path.write_text(
            "# system configuration generated and used by the sysconfig module\n"
            f"build_time_vars = {pprint.pformat(variables, width=120)}\n"
        )
    config = STDLIB / f"config-{VERSION}-{MULTIARCH}"
    makefile = config / "Makefile"
    text = re.sub(
        r"^(prefix|exec_prefix|LIBDIR)=.*$", lambda m: f"{m[1]}=\t\t{fixed[m[1]]}", makefile.read_text(), flags=re.MULTILINE
    )
    makefile.write_text(moved(text))


def install_pip() -> None:
    """Pip as its authors publish it, at the version that this Python bundles: Debian's has changes of its own."""
    version = re.search(r'_PIP_VERSION = "(.+)"', (STDLIB / "ensurepip/__init__.py").read_text())[1]
    bundled = STDLIB / "ensurepip" / "_bundled"
    bundled.mkdir(exist_ok=True)
    subprocess.run(
        [
            SOURCE / "bin" / NAME,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            bundled,
            f"pip=={version}",
        ],
        check=True,
    )
    python = TARGET / "bin" / NAME
    subprocess.run([python, "-m", "ensurepip"], check=True)
    (TARGET / "bin" / "pip").symlink_to("pip3")


def prune() -> None:
    """Take away compiled files and symbols, as the official image does."""
    for cache in list(TARGET.rglob("__pycache__")):
        shutil.rmtree(cache)
    for library in [*STDLIB.rglob("*.so"), TARGET / "lib" / f"libpython{VERSION}.so.1.0"]:
        subprocess.run(["strip", "--strip-unneeded", library], check=True)


copy_files()
undo_layout()
rewrite_build_variables()
install_pip()
prune()
assert sysconfig.get_config_var("prefix") == "/usr", "this script is meant to be run by Debian's interpreter"
