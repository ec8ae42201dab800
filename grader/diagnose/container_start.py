"""Why the engine does not start a container."""

import re

from grader.values.errors import CheckFailed


def reason(said: str) -> str:
    """Why the engine did not start a container, without what its own parts say to each other."""
    return re.sub(r"^.*?(?:exec: |process: |container init: )+", "", said.strip(), flags=re.DOTALL).removesuffix(": unknown")


def refused(said: str) -> CheckFailed | None:
    """What the engine's words mean, where they are ones that beginners meet; None for all others."""
    lower = said.lower()
    found = reason(said)
    if "executable file not found" in lower or "no such file or directory" in lower:
        return CheckFailed(
            "The container cannot start: its command does not exist in the image.",
            expected="a program that is in the image",
            found=found,
            advice=_no_program(found),
        )
    if "permission denied" in lower:
        return CheckFailed(
            "The container cannot start: its command may not be executed.",
            expected="a command with its execute bit set (exit code 126 says it is not)",
            found=found,
            advice="A script that is started directly needs the execute bit, or a program in front that reads it.",
        )
    if "no command specified" in lower:
        return CheckFailed(
            "The container cannot start: the image does not say what to run.",
            expected="a CMD or an ENTRYPOINT",
            found="neither",
        )
    if "unable to find user" in lower or "no matching entries in passwd" in lower:
        return CheckFailed(
            "The container cannot start: the image's user does not exist.", expected="a USER that is in the image", found=found
        )
    return None


def service_refused(name: str, said: str) -> CheckFailed:
    """The same, of a service of a compose file.

    Args:
        name: of the service.
        said: the engine's words.
    """
    lower = said.lower()
    found = reason(said)
    if "executable file not found" in lower or "no such file or directory" in lower:
        return CheckFailed(
            f"The service {name} cannot start: its command does not exist in the image.",
            expected="a command that is in the image",
            found=found,
            advice="Look at command and entrypoint, in the compose file and in the Dockerfile.",
        )
    return CheckFailed(f"The service {name} cannot start.", expected="a container that starts", found=found)


def _no_program(reason: str) -> str:
    """What to make of a program that is not found."""
    if match := re.match(r'"(?P<name>[^"]* [^"]*)": ', reason):
        return f"“{match['name']}” is taken for one name, spaces included. In a list, each argument is a separate element."
    if "executable file not found" in reason:
        return "Look at ENTRYPOINT and CMD: is it spelled correctly, is it installed, and is its folder listed in PATH?"
    return (
        "Look at ENTRYPOINT and CMD: is there such a file? If it is a script, the program that its first line names must be "
        "there too, and that line must not have a Windows line ending."
    )
