"""What commands say is explained; what explains nothing is let be."""

import pytest

from grader.diagnose import docker_commands

SAID: dict[str, str] = {
    "the input device is not a TTY": "-t (and -it) cannot work here",
    "cannot attach stdin to a TTY-enabled container because stdin is not a terminal": "-t (and -it) cannot work here",
    "/exercise/.commands.sh: line 1: FROM: not found\n": "This looks like a Dockerfile",
    "/exercise/.commands.sh: 1: $: not found\n": "Leave it out",
    'Conflict. The container name "/hello" is already in use by container "0123"': "a stopped container keeps its name",
    'exec: "ehco": executable file not found in $PATH: unknown.': "no such program",
    "docker: invalid reference format.": "the order of its arguments",
    "unknown flag: --nmae": "--help",
    "unknown shorthand flag: 'x' in -x": "--help",
    "docker: 'strat' is not a docker command.": "check its spelling",
    '"docker rm" requires at least 1 argument.': "too few or too many",
    'cannot remove container "/draft": container is running: stop the container before removing': "while it runs",
    "(must force) - container 3d is using its referenced image 6f": "even one that has stopped",
    "Bind for 0.0.0.0:20001 failed: port is already allocated.": "another one has this port",
    "/exercise/.commands.sh: line 3: dokcer: not found": "check its spelling",
    "/exercise/.commands.sh: syntax error: unterminated quoted string": "a quote or a bracket",
    "Error response from daemon: docker push to docker.io cannot be used in this sandbox.": "Docker Hub is meant",
    "Error response from daemon: docker push to registry:5000 cannot be used in this sandbox.": "containers by their names",
    "An image does not exist locally with the tag: localhost:5000/penguins": "exactly this name",
    'Get "http://localhost:5000/v2/": dial tcp [::1]:5000: connect: connection refused': "nothing listens",
    "$ docker run --network host x\ndocker: --network host cannot be used in this sandbox.": "as in: docker run --network",
    "$ docker run -v /tmp:/t x\ndocker: only your own folder can be mounted in this sandbox, not /tmp": "as in: docker run -v",
    "$ docker save x\nlayer.tar\x00\x00\x01\x02\x03\x04\nSyntax error: in a program of the archive's\n": "",
    "$ docker save x\n\x00\x01\x02\n$ dokcer\n/exercise/.commands.sh: line 3: dokcer: not found": "check its spelling",
    "sh: not found: nothing to remark": "",
}


@pytest.mark.parametrize(("output", "words"), SAID.items(), ids=list(SAID))
def test_messages_that_beginners_meet_are_explained(output: str, words: str) -> None:
    advice = docker_commands.advice(output)
    assert words in advice if words else advice == ""


def test_what_was_said_of_one_thing_explains_no_other() -> None:
    output = "$ docker rm draft relic\nrelic\nError: stop the container before removing\n$ docker run spare\nspare\n"
    assert docker_commands.advice(output, "draft") == docker_commands.advice(output) != ""
    assert docker_commands.advice(output, "spare") == ""


WAITS = {
    "docker run --name x busybox sleep 1000": "belongs in the background",
    "docker container start -a diary": "stays with the container",
    "docker attach x": "stays with the container",
    "docker logs --follow x": "waiting for more",
    "docker logs x": "has to end before the next one begins",
    "docker exec x sleep 1000": "its command in the container",
    "docker load": "without a file to read",
    "tail -f /dev/null": "without a file to read",
    "sleep 1000": "has to end before the next one begins",
}


@pytest.mark.parametrize(("command", "words"), WAITS.items(), ids=list(WAITS))
def test_why_a_command_does_not_come_to_an_end(command: str, words: str) -> None:
    assert words in docker_commands.why_it_waits(command)


def test_the_last_command_is_the_last_that_the_shell_has_shown() -> None:
    assert docker_commands.last_command("$ docker ps\nNAMES\n$ sleep 9\n$9 paid\n") == "sleep 9"
    assert docker_commands.last_command("no command\n") == ""


def test_an_archive_in_the_output_is_one_line() -> None:
    data = "\x00\x01\x02\n" * 5
    assert docker_commands.readable(f"$ docker save x\n{data}$ echo hello\nhello") == (
        "$ docker save x\n(data, not text)\n$ echo hello\nhello"
    )
    assert docker_commands.holds_data(f"$ docker save x\n{data}")
    assert not docker_commands.holds_data("$ docker save -o x.tar x\n")


@pytest.mark.parametrize(("name", "is_made_up"), [("sleepy_lalande", True), ("bold_fermi2", True), ("web", False)])
def test_names_that_docker_makes_up(name: str, is_made_up: bool) -> None:
    assert docker_commands.made_up(name) is is_made_up
