"""What somebody may change, and how they become somebody who may: owners, modes, links and accounts, without an engine."""

from dataclasses import replace

import pytest

from grader.checks.rebuilt import named
from grader.checks.rights import Accounts, Rights, ways_to_change
from grader.engine.filesystem import Entry, Filesystem
from grader.engine.probe import Listener
from grader.engine.processes import Process, Processes, powers

ROOTS = Entry(kind="folder", mode=0o755, uid=0, gid=0)
CODE = Entry(kind="file", mode=0o644, uid=0, gid=0)
PROGRAM = Entry(kind="file", mode=0o755, uid=0, gid=0)
SUDO = {"/usr/bin/sudo": replace(PROGRAM, mode=0o4755)}
ACCOUNTS = Accounts(passwd="root:x:0:0::/:\napi:x:7:7::/:\n", group="api:x:7:\nwheel:x:9:api\n", shadow="root:*::\napi:!::\n")
BASE = {
    "/app": ROOTS,
    "/app/app.py": CODE,
    "/etc": ROOTS,
    "/etc/passwd": CODE,
    "/tmp": replace(ROOTS, mode=0o1777),
    "/usr": ROOTS,
    "/usr/bin": ROOTS,
    "/usr/bin/python3": PROGRAM,
    "/usr/lib": ROOTS,
    "/usr/lib/python3": ROOTS,
    "/usr/lib/python3/csv.py": CODE,
    "/usr/lib/python3/math.so": CODE,
}
API = Process(
    pid=1,
    parent=0,
    uids=(7, 7, 7, 7),
    gids=(7, 7, 7, 7),
    command=("python3", "app.py"),
    workdir="/app",
    program="/usr/bin/python3",
    mapped=("/usr/bin/python3", "/usr/lib/python3/math.so"),
)


def _ways(
    changed: dict[str, Entry], process: Process = API, accounts: Accounts = ACCOUNTS, ordinary: dict[str, bool] | None = None
) -> list[str]:
    return list(ways_to_change("/app", process, Filesystem({**BASE, **changed}), accounts, ordinary or {}))


def test_what_is_roots_and_closed_cannot_be_changed() -> None:
    assert _ways({}) == []
    assert _ways({"/app/app.py": replace(CODE, mode=0o555), "/app": replace(ROOTS, mode=0o555)}) == []
    assert _ways({"/app/app.py": replace(CODE, gid=7, mode=0o640)}) == []
    # In a folder like /tmp everyone may take away only what is their own.
    tree = Filesystem({**BASE, "/tmp/app.py": CODE, "/tmp/own.py": replace(CODE, uid=7)})
    assert Rights.of(tree, API).change("/tmp/app.py") == ""
    assert "in the place of /tmp/own.py" in Rights.of(tree, API).change("/tmp/own.py")
    assert Rights.of(tree, API).change("/tmp/none.py") == ""


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"/app/app.py": replace(CODE, uid=7, mode=0o444)}, "the owner of /app/app.py"),
        ({"/app/app.py": replace(CODE, gid=7, mode=0o664)}, "its group may write /app/app.py"),
        ({"/app": replace(ROOTS, mode=0o777)}, "everybody may write /app"),
        ({"/app": replace(ROOTS, uid=7)}, "the owner of /app"),
        ({"/": replace(ROOTS, uid=7)}, "put something else in the place of /app"),
        ({"/app/more": replace(ROOTS, uid=7)}, "the owner of /app/more"),
        (
            {"/app": Entry(kind="link", mode=0o777, uid=0, gid=0, target="own"), "/own": replace(ROOTS, uid=7)},
            "the owner of /own",
        ),
        ({"/usr/lib/python3/csv.py": replace(CODE, uid=7)}, "what is in /usr/lib/python3"),
        ({"/usr/bin/python3": replace(PROGRAM, mode=0o777)}, "it runs /usr/bin/python3"),
        ({"/etc/passwd": replace(CODE, mode=0o666)}, "whoever can change that becomes root"),
        ({"/bin/rp": replace(PROGRAM, mode=0o4755)}, "/bin/rp runs as root, whoever starts it (mode 4755)"),
        ({"/bin/cp": replace(PROGRAM, permitted=1 << 1)}, "whoever starts /bin/cp gets CAP_DAC_OVERRIDE"),
    ],
)
def test_each_way_to_change_it_is_seen(changed: dict[str, Entry], why: str) -> None:
    assert any(why in way for way in _ways(changed)), _ways(changed)


def test_a_program_with_anothers_rights_matters_where_these_help() -> None:
    """Setuid to a user, or setgid, is a way only where that user or group may change the code."""
    theirs = {"/bin/tool": replace(PROGRAM, uid=8, gid=8, mode=0o6755)}
    assert _ways(theirs) == []
    assert "user id 8" in _ways({**theirs, "/app/app.py": replace(CODE, uid=8)})[0]
    grouped = {"/bin/tool": replace(PROGRAM, gid=8, mode=0o2755), "/app": replace(ROOTS, gid=8, mode=0o775)}
    assert "group id 8" in _ways(grouped)[0]
    # Who cannot start it gets nothing from it, and what everybody's image has is no way.
    assert _ways({"/bin/tool": replace(PROGRAM, mode=0o4750, gid=9)}) == []
    assert _ways({"/bin/su": replace(PROGRAM, mode=0o4755)}, ordinary={"/bin/su": True}) == []
    assert _ways({"/bin/ping": replace(PROGRAM, permitted=1 << 13)}) == []


def test_what_a_process_has_kept_and_what_it_runs() -> None:
    assert "CAP_CHOWN and" not in "".join(_ways({}))
    assert _ways({}, replace(API, permitted=1 << 10)) == [], "a port below 1024 is nobody's file"
    assert "CAP_CHOWN" in _ways({}, replace(API, permitted=1))[0]
    assert powers((1 << 0) | (1 << 10) | (1 << 21)) == ("CAP_CHOWN", "CAP_SYS_ADMIN")
    own = {"/own": replace(ROOTS, uid=7), "/own/app.py": CODE}
    assert "it runs /own/app.py" in _ways(own, replace(API, command=("python3", "/own/app.py")))[0]
    assert "it runs what is in /own" in _ways(own, replace(API, command=("python3", "-m", "app"), workdir="/own"))[0]
    assert _ways(own, replace(API, program="", mapped=())) == [], "what could not be read says nothing"
    assert "it runs what is in /own" in _ways(own, replace(API, modules=("/none", "/own")))[0]
    assert _ways(own, replace(API, command=("python3", "/app/app.py"), workdir="/own")) == []


@pytest.mark.parametrize(
    ("sudoers", "lets"),
    [
        ("api ALL=(ALL) NOPASSWD: ALL\n", True),
        ("api ALL=(root) \\\n  NOPASSWD: /usr/bin/tee\n", True),
        ("%api ALL=(ALL) NOPASSWD: ALL\n", True),
        ("#7 ALL=(ALL) NOPASSWD: ALL\n", True),
        ("User_Alias WE = x, api\nWE ALL=(ALL) NOPASSWD: ALL\n", True),
        ("Defaults !authenticate\nALL ALL=(ALL) ALL\n", True),
        ("api ALL=(ALL) ALL\n", False),
        ("# api ALL=(ALL) NOPASSWD: ALL\n", False),
        ("root ALL=(ALL:ALL) NOPASSWD: ALL\n%sudo ALL=(ALL:ALL) ALL\n", False),
    ],
)
def test_sudo_without_a_password(sudoers: str, lets: bool) -> None:
    assert bool(_ways(SUDO, accounts=replace(ACCOUNTS, sudoers=sudoers), ordinary={"/usr/bin/sudo": True})) is lets
    assert _ways({}, accounts=replace(ACCOUNTS, sudoers=sudoers)) == [], "there is no sudo"


def test_no_password_at_all() -> None:
    su = {"/bin/su": replace(PROGRAM, mode=0o4755)}
    nobodys = replace(ACCOUNTS, shadow="root::1:\n")
    assert _ways(su, ordinary={"/bin/su": True}) == []
    assert "root has no password" in _ways(su, accounts=nobodys, ordinary={"/bin/su": True})[0]
    assert "root has no password" in _ways(su, accounts=Accounts(passwd="root::0:0::/:\n"), ordinary={"/bin/su": True})[0]
    doas = {"/bin/doas": replace(PROGRAM, mode=0o4755)}
    asked = replace(ACCOUNTS, doas="permit nopass api\n")
    assert "doas lets it" in _ways(doas, accounts=asked, ordinary={"/bin/doas": True})[0]


def test_links_are_followed_and_loops_end() -> None:
    def link(target: str) -> Entry:
        return Entry(kind="link", mode=0o777, uid=0, gid=0, target=target)

    tree = Filesystem({**BASE, "/a": link("/b"), "/b": link("usr/../app"), "/loop": link("loop")})
    assert tree.real("/a/app.py") == "/app/app.py"
    assert tree.way("/a/app.py") == ("/", "/a", "/b", "/usr", "/app", "/app/app.py")
    assert tree.real("/loop") == tree.real("/none") == ""
    assert set(tree.below("/app")) == {"/app", "/app/app.py"}


def test_whose_processes_they_are() -> None:
    """What was put into a container from outside has no parent in it; what it leaves behind is the first process's."""
    asked = replace(API, pid=30, parent=0)
    child = replace(API, pid=31, parent=30)
    left = replace(API, pid=32, parent=1, sockets=frozenset({"5"}))
    listeners = ((Listener("0.0.0.0", 8000), "5"), (Listener("127.0.0.1", 9000), "6"))
    seen = Processes((API, asked, child, left), listeners)
    assert [one.pid for one in seen.own] == [1, 32]
    assert [one.pid for one in seen.serving(8000)] == [one.pid for one in seen.serving()] == [32]
    assert seen.serving(9000) == ()


def test_a_stage_without_a_name_gets_one() -> None:
    text = "FROM a\nRUN x\nFROM b AS two\nRUN y\n"
    assert named(text, "stage-0") == ("FROM a AS drydock-stage-0\nRUN x\nFROM b AS two\nRUN y\n", "drydock-stage-0")
    assert named(text, "two") == (text, "two")
    assert named(text, "stage-1") == (text, "stage-1")
    assert named(text, "stage-7") == (text, "stage-7")
