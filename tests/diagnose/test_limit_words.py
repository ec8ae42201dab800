import pytest

from grader.diagnose.limit_words import file_too_large, no_more_processes

NO_PROCESS = {
    "busybox": "sh: can't fork: Resource temporarily unavailable",
    "dash": "sh: 0: Cannot fork",
    "bash": "bash: fork: retry: Resource temporarily unavailable",
    "a thread": "RuntimeError: can't start new thread",
    "OpenBLAS": "OpenBLAS blas_thread_init: pthread_create failed for thread 5 of 8: Resource temporarily unavailable",
    "Python's fork": "Traceback (most recent call last):\n"
    '  File "<string>", line 4, in <module>\n'
    "    if os.fork()==0: time.sleep(1); os._exit(0)\n"
    "       ~~~~~~~^^\n"
    "BlockingIOError: [Errno 11] Resource temporarily unavailable",
    "Python's subprocess": "Traceback (most recent call last):\n"
    '  File "/usr/local/lib/python3.13/subprocess.py", line 1902, in _execute_child\n'
    "    self.pid = _fork_exec(\n"
    "               ~~~~~~~~~~^\n"
    "            args, executable_list,\n"
    "            ^^^^^^^^^^^^^^^^^^^^^^\n"
    "            preexec_fn, _USE_VFORK)\n"
    "            ^^^^^^^^^^^^^^^^^^^^^^^\n"
    "BlockingIOError: [Errno 11] Resource temporarily unavailable",
}


@pytest.mark.parametrize("said", NO_PROCESS.values(), ids=list(NO_PROCESS))
def test_a_process_that_could_not_be_started(said: str) -> None:
    assert no_more_processes(f"starting\n{said}\nbye\n") == said.splitlines()[-1]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "a fork in the road",
        'Traceback (most recent call last):\n  File "x.py", line 3, in <module>\n    s.recv(1)\n'
        "BlockingIOError: [Errno 11] Resource temporarily unavailable\n",
        "resource temporarily unavailable, try again",
    ],
)
def test_what_says_nothing_of_processes(said: str) -> None:
    assert no_more_processes(said) == ""


LARGE = [
    "dd: error writing '/x': File too large",
    "OSError: [Errno 27] File too large",
    "File size limit exceeded",
    "Error: File too large (os error 27)",
    "/main.sh: line 1:     8 File size limit exceeded(core dumped) dd if=/dev/zero",
]


@pytest.mark.parametrize("said", LARGE)
def test_a_file_that_could_not_grow(said: str) -> None:
    assert file_too_large(f"starting\n{said}\nbye\n") == said


@pytest.mark.parametrize("said", ["", "ValueError: File too large", "HTTP 413: File too large", "the file is too large"])
def test_what_says_nothing_of_files(said: str) -> None:
    assert file_too_large(said) == ""
