import pytest

from grader.diagnose.program_output import meaning, reason

SAID = {
    "Traceback (most recent call last):\n  File x\nModuleNotFoundError: No module named 'numpy.random'": "numpy.random",
    "python: can't open file '/app/x.py': [Errno 2] No such file or directory": "/app/x.py",
    "/usr/local/bin/python: can't open file '/root/x.py': [Errno 13] Permission denied": "/root/x.py",
    "FileNotFoundError: [Errno 2] No such file or directory: 'penguins.csv'": "penguins.csv",
    "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'": "requirements.txt",
    "PermissionError: [Errno 13] Permission denied: '/data/x'": "/data/x",
    "/bin/sh: 1: [python,: not found": "double quotes",
    "/bin/sh: 1: ['python',: not found": "double quotes",
    "/bin/sh: 1: curl: not found": "curl",
    "sh: line 1: curl: command not found": "curl",
    "exec /opt/venv/bin/beaks: no such file or directory": "If /opt/venv/bin/beaks is there",
    '"beaks": executable file not found in $PATH': "no program beaks",
    "exec ./start.sh: not found": "./start.sh",
    "FileNotFoundError: [Errno 2] No such file or directory: '/srv/penguins.csv'": "no /srv/penguins.csv in the image",
    "OSError: [Errno 30] Read-only file system: 'model.json'": "cannot change its files",
    "ERROR: No matching distribution found for numpy==9": "numpy==9",
    "mkdir: cannot create directory '/data': Permission denied": "USER",
}


@pytest.mark.parametrize(("said", "word"), SAID.items())
def test_what_beginners_meet_is_explained(said: str, word: str) -> None:
    assert reason(f"starting\n{said}\n") == said.splitlines()[-1]
    assert word in meaning(f"starting\n{said}\n")


@pytest.mark.parametrize("said", ["", "all is well", "listening on: 8000", "Error rate 3%", "no errors found\n1 warning"])
def test_what_is_no_complaint_is_let_be(said: str) -> None:
    assert (reason(said), meaning(said)) == ("", "")


def test_pip_quotes_the_one_who_knows() -> None:
    said = (
        "  x Getting requirements did not run successfully.\n  ╰─> [2 lines of output]\n      building\n"
        "      there is no compiler\n      [end of output]\n\nerror: metadata-generation-failed\n\nhint: See above.\n"
    )
    assert reason(said) == "there is no compiler"


def test_a_long_line_is_cut() -> None:
    assert len(reason("ValueError: " + "x" * 1000)) < 300


def test_the_reason_is_the_beginning_of_a_paragraph_not_its_end() -> None:
    said = (
        "starting\nerror: Database is uninitialized and superuser password is not specified.\n"
        "error: Set POSTGRES_PASSWORD to a password, or POSTGRES_PASSWORD_FILE to a file\n"
        "error: with one. POSTGRES_HOST_AUTH_METHOD=trust lets everyone in.\n"
    )
    assert reason(said) == "error: Database is uninitialized and superuser password is not specified."
