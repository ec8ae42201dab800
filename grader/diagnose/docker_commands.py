"""What a learner's docker commands say, for somebody who sees it for the first time."""

import re

# What a command said → what it means to somebody who sees it for the first time. The first that fits is shown.
_SNAGS = {
    r"not a (TTY|terminal)": "Your commands run without a terminal, so -t (and -it) cannot work here: leave it out.",
    r"docker push to docker\.io cannot": "The part of an image's name before the first slash says which registry it goes "
    "to; without it, Docker Hub is meant.",
    r"docker push to \S+ cannot": "The engine looks for the registry that an image's name begins with, and the engine does "
    "not know containers by their names.",
    r"this sandbox has no network": "Use the images that the brief names; they are there already.",
    r"An image does not exist locally with the tag": "Docker pushes the image that has exactly this name, and no image here "
    "has it.",
    r"dial tcp \S+ connect: connection refused": "An image's name leads to an address where nothing listens: look at its port.",
    r"FROM: not found": "This looks like a Dockerfile. commands.sh holds commands, as you would type them in a terminal.",
    r"!docker: not found": "The ! in front of a command is for cells of a notebook. In commands.sh, begin with docker.",
    r"\$: not found": "The $ is how a terminal shows that it is ready. Leave it out: a line begins with the command.",
    r"docker-compose: not found": "The old docker-compose is gone; today it is: docker compose, in two words.",
    r"sudo: not found": "There is no sudo here, and you do not need it.",
    r"curl: not found": "There is no curl here; wget -qO- does the same.",
    r"executable file not found": "Docker runs what follows the image's name, and the image has no such program.",
    r"invalid reference format|must be lowercase": "Docker took something for an image's name that cannot be one: look at "
    "the spaces in that line, and at the order of its arguments.",
    r"[Ii]nvalid (ip|IP) address": "Before a port comes an address, in numbers: the host itself is 127.0.0.1.",
    r"unknown (shorthand )?flag": "A command of yours has an option that Docker does not know; the command with --help lists "
    "all that it knows.",
    r"is not a docker command|unknown command: docker": "Docker does not know one of your commands: check its spelling.",
    r"requires (at least|exactly|at most) \d argument": "One of your commands has an argument too few or too many; the "
    "command with --help says what it expects.",
    r"annot fork": "Your commands started more processes than they may.",
    r"Syntax error|syntax error": "The shell could not read your commands: look for a quote or a bracket that is not closed.",
    r"\.commands\.sh: (line )?\d+: \S+: not found": "The shell does not know one of your commands: check its spelling.",
}
# The same, of what matters to one thing only: not shown where another one is asked for.
_SNAGS_OF_ONE = {
    r"is already in use by container": "There is already a container with that name: a stopped container keeps its name.",
    r"the container before (attempting )?remov": "Docker does not remove a container while it runs.",
    r"is using its referenced image|image is being used by": "An image cannot be removed while there is a container that was "
    "made from it, even one that has stopped.",
    r"port is already allocated|address already in use": "A port of the host can lead to only one container, and another one "
    "has this port.",
}
_COMMAND = re.compile(r"^(?=\$ )", re.MULTILINE)
"""Where a command begins in the output: ``sh -x`` shows each one behind a ``$``."""
# A command that does not come to an end → why. The first that fits is shown.
_WAITS = {
    r"docker (container )?run\b": "docker run waits until the program in its container ends. A container that is to keep "
    "running belongs in the background: then the command returns at once.",
    r"docker (container )?(start|attach|wait)\b": "This command stays with the container until that ends.",
    r"docker (container )?logs\b.* (-\w*f|--follow)": "Following a log means waiting for more, until the container ends.",
    r"docker (container )?exec\b": "docker exec waits until its command in the container ends.",
    r"docker (image )?(load|import)\b|tail\b|cat\b|tar\b": "A command without a file to read waits for input, and nobody is "
    "there to type it; one that follows a file waits for more.",
    r"": "Each of your commands has to end before the next one begins.",
}
_REFUSED = re.compile(r"(cannot be used|can be mounted|can be made) in this sandbox")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_DATA = "(data, not text)"
_SHOWN_CHARACTERS = 160


def advice(output: str, name: str = "") -> str:
    """What to make of a message in the output of commands, where it is one that beginners meet; otherwise empty.

    Args:
        output: of ``sh -x``: each command behind a ``$``, then what it said.
        name: of the thing that is not as it should be; empty for all.
    """
    commands = [_text_of(one) for one in _COMMAND.split(output)]
    of_one = "".join(one for one in commands if name in one)
    both = ((_SNAGS_OF_ONE, of_one), (_SNAGS, "".join(commands)))
    found = next((words for snags, text in both for said, words in snags.items() if re.search(said, text)), "")
    return found or next(map(_refusal, filter(_REFUSED.search, commands)), "")


def _refusal(said: str) -> str:
    """What to make of a command that the sandbox has refused."""
    command = said.partition("\n")[0].removeprefix("$ ")[:_SHOWN_CHARACTERS]
    return f"Your commands run on an engine of their own, which refuses what would reach beyond it, as in: {command}"


def _text_of(said: str) -> str:
    """What a command said, up to the first data that is no text: in an archive there may be any words."""
    lines = said.splitlines(keepends=True)
    return "".join(lines[: next((number for number, line in enumerate(lines) if not _is_text(line)), len(lines))])


def _is_text(line: str) -> bool:
    return 4 * len(_NOT_TEXT.findall(line)) <= len(line)


def last_command(output: str) -> str:
    """The last command that ``sh -x`` has shown."""
    return next((line.removeprefix("$ ") for line in reversed(output.splitlines()) if line.startswith("$ ")), "")


def why_it_waits(command: str) -> str:
    """What to make of a command that does not come to an end."""
    return next((words for said, words in _WAITS.items() if re.match(said, command)), "")


def readable(output: str) -> str:
    """An output without the data that is no text: an archive that was written to it fills pages, up to the next command."""
    lines: list[str] = []
    in_data = False
    for line in output.splitlines():
        in_data = not line.startswith("$ ") and (in_data or not _is_text(line))
        if not in_data:
            lines.append(line)
        elif lines[-1:] != [_DATA]:
            lines.append(_DATA)
    return "\n".join(lines)


def holds_data(output: str) -> bool:
    """Whether something has written data to it that is no text, an archive for instance."""
    return _DATA in readable(output).splitlines()


def made_up(name: str) -> bool:
    """Whether this looks like a name that Docker gives a container without one."""
    return re.fullmatch(r"[a-z]+_[a-z]+\d?", name) is not None
