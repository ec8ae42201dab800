"""A container that nobody has told you about: what can be found out from outside and from inside."""

import json
import re

from grader import Exercise
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

exercise = Exercise(title="The container detective", learner_files=("answers.json",))

NAME = "mystery"
ANSWERS = "answers.json"
MIB = 1024**2
SUSPECTS = ("anna", "bilal", "chen", "dora", "emeka", "farah", "goran", "hana", "ivan", "jun", "kofi", "lena")

# What runs in the container. What the case is about is in files that are put beside it.
SCRIPT = """\
cat /case/journal
cat /case/alarm >&2
for helper in $(seq "$(cat /case/helpers)"); do sleep 1000000 & done
trap 'exit 0' TERM
wait
"""


@exercise.prepare
def mystery(bench):
    """A container called mystery runs on your engine."""
    case = facts_of(bench.facts)
    bench.docker(
        "create",
        "--name",
        NAME,
        "--label",
        f"case={case['case']}",
        "--restart",
        f"on-failure:{case['restarts']}",
        "--memory",
        f"{case['memory_limit_mib']}m",
        "--network",
        "none",
        "busybox",
        "sh",
        "/case/run",
    )  # fmt: skip
    bench.put(
        NAME,
        {
            "case/run": SCRIPT,
            "case/journal": journal(bench.facts),
            "case/alarm": f"ALARM: {case['intruder']} came in through door {case['door']}\n",
            "case/helpers": f"{case['processes'] - 1}\n",
            f"var/spool/{bench.facts.word('file')}.txt": f"If you read this: the safe opens with {case['safe']}.\n",
        },
    )
    bench.docker("start", NAME)


def facts_of(facts):
    """What is to be found out, by its name in answers.json."""
    return {
        "case": facts.word("case"),
        "restarts": facts.number("restarts", 3, 60),
        "intruder": facts.choice("intruder", SUSPECTS),
        "door": facts.number("door", 100, 999),
        "safe": facts.word("safe"),
        "processes": facts.number("processes", 6, 40),
        "memory_limit_mib": facts.number("memory", 24, 90),
    }


def journal(facts):
    """A dull night: all the suspects come up in it, the intruder as one of many."""
    lines = []
    for number in range(60):
        who, door = facts.choice(f"who {number}", SUSPECTS), facts.number(f"door {number}", 100, 999)
        lines.append(f"journal: {who} closed door {door}")
    lines[41] = f"journal: somebody left a note in /var/spool/{facts.word('file')}.txt"
    return "\n".join(lines) + "\n"


@exercise.check(
    points=1,
    hint=(
        "The message names a line and what is wrong in it. Look at that line and at the one before.",
        "JSON wants double quotes around names and words, a comma between two pairs, and none behind the last.",
    ),
)
def answers_can_be_read(work):
    """answers.json is a JSON object with your answers in it."""
    text = work.text(ANSWERS)
    try:
        answers = json.loads(text)
    except ValueError as error:
        number = getattr(error, "lineno", 1)
        line = text.splitlines()[number - 1 : number]
        raise CheckFailed(
            f"{ANSWERS} is not JSON.",
            expected='an object: {"case": "…", "restarts": 0, …}',
            found=f"line {number}: {getattr(error, 'msg', error)}",
            evidence=Evidence(f"line {number}", line[0] if line else ""),
        ) from None
    wanted = facts_of(work.facts)
    if not isinstance(answers, dict) or not set(wanted) & set(answers):
        raise CheckFailed(
            f"{ANSWERS} holds none of the answers.",
            expected=f"an object with {', '.join(wanted)}",
            found=f"an object with {', '.join(answers) or 'nothing'}" if isinstance(answers, dict) else "no object",
        )
    if not any(given(answers, name) for name in wanted):
        raise CheckFailed(
            f"{ANSWERS} has no answers in it yet.", expected="what you have found out", found="empty words and zeros"
        )
    return answers, wanted


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "There is a command that prints everything the engine knows about a container, as one long piece of JSON.",
        "Labels are part of its Config. What happens when it ends, and what it may use, is part of its HostConfig.",
    ),
)
def inspected(found):
    """By inspecting it: the container's label case, and how often it may be restarted at most."""
    expect(found, "case", "restarts")


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "What a program writes, the engine keeps, and one command shows it. Most of it is dull; one line is not.",
        "A program has two outputs. What goes wrong is usually written to the second one.",
    ),
)
def read_the_log(found):
    """By reading its log: who set off the alarm, and at which door."""
    expect(found, "intruder", "door")


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "Something in the log says where to look. That place is inside the container.",
        "You can run a command inside a running container: one that lists a directory, one that shows a file.",
    ),
)
def looked_inside(found):
    """By looking inside: the word that opens the safe."""
    expect(found, "safe")


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "One command shows what a container uses right now: processor, memory, and the number of its processes.",
        "While you look, nothing else of yours may run in the container: a shell that you have opened there counts as well. "
        "The memory limit is beside the memory that is in use.",
    ),
)
def watched_it(found):
    """By watching it: how many processes run in it, and how much memory it may use at most."""
    expect(found, "processes", "memory_limit_mib")


def given(answers, name):
    """An answer as somebody may have written it: 7, "7", " 7 ", "37MiB", "Word"."""
    value = answers.get(name)
    return "" if value in (None, "", 0, False) or isinstance(value, (dict, list)) else str(value).strip().casefold()


def fits(name, answer, wanted):
    """Whether an answer is the right one."""
    if isinstance(wanted, str):
        return answer == wanted
    number = re.fullmatch(r"(\d+)(?:\.0+)?\s*(?:mib|mb|m)?", answer)
    return number is not None and (int(number[1]) == wanted or (name == "memory_limit_mib" and int(number[1]) == wanted * MIB))


def expect(found, *names):
    answers, wanted = found
    wrong = [name for name in names if not fits(name, given(answers, name), wanted[name])]
    if wrong:
        said = [f"{name}: {given(answers, name) or '(nothing)'}" for name in wrong]
        raise CheckFailed(
            f"Not what is true of your container: {', '.join(wrong)}.",
            expected="what your own mystery container shows; it is different for everybody",
            found="; ".join(said)[:200],
        )
