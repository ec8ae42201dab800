"""A container that you know nothing about: what can be found out from outside and from inside."""

import json
import re

from grader import CheckFailed, Exercise

exercise = Exercise(title="The container detective", learner_files=("answers.json",))

NAME = "mystery"
ANSWERS = "answers.json"
MIB = 1024**2
EXAMPLE = 'names and words in "double quotes", a comma between two answers: {"case": "…", "restarts": 0}'
ASKED = {
    "case": "the value of its label case",
    "restarts": "how often it may be restarted at most, as a number",
    "intruder": "the name in the alarm",
    "door": "the door in the alarm",
    "safe": "the word in the note",
    "processes": "how many processes run in it, as a number",
    "memory_limit_mib": "how many MiB of memory it may use at most",
}
SUSPECTS = ("anna", "bilal", "chen", "dora", "emeka", "farah", "goran", "hana", "ivan", "jun", "kofi", "lena")

# What runs in the container. What the case is about is in files that are put beside it.
SCRIPT = """\
cat /case/journal
cat /case/alarm >&2
for helper in $(seq "$(cat /case/helpers)"); do sleep 1000000 & done
trap 'exit 0' TERM
wait
"""


@exercise.setup
def mystery(setup):
    """A container called mystery is running on your engine."""
    case = facts_of(setup.facts)
    setup.docker(
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
    setup.put(
        NAME,
        {
            "case/run": SCRIPT,
            "case/journal": journal(setup.facts),
            "case/alarm": f"ALARM: {case['intruder']} came in through door {case['door']}\n",
            "case/helpers": f"{case['processes'] - 1}\n",
            f"var/spool/{setup.facts.word('file')}.txt": f"If you read this: the safe opens with {case['safe']}.\n",
        },
    )
    setup.docker("start", NAME)


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
        "Look at the line that is shown, and at the one before. What was there in the file that you were given?",
        "JSON needs double quotes around names and words, a comma between two pairs, and none after the last.",
    ),
    read="inspect: all that the engine knows",
)
def answers_can_be_read(work):
    """answers.json is a JSON object with your answers in it."""
    answers = work.json(ANSWERS, example=EXAMPLE)
    named = answers if isinstance(answers, dict) else {}
    wanted = facts_of(work.facts)
    if not any(given(named, name) for name in wanted):
        there = set(wanted) & set(named)
        seen = "empty words and zeros" if there else f"the name {', '.join(named)[:80]}" if named else "what has no name"
        raise CheckFailed(
            f"{ANSWERS} has no answers in it yet, only {seen}.",
            expected=f"what you have found out, by its name: {', '.join(wanted)}",
            found=f"only {seen}",
        )
    return answers, work.facts


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "One command prints everything that the engine knows about a container, as one long piece of JSON.",
        "Labels are part of its Config. Its restart policy, and what it may use, are part of its HostConfig.",
    ),
    read="inspect: all that the engine knows",
)
def inspected(found):
    """By inspecting it: the container's label case, and how often it may be restarted at most."""
    expect_right(found, "case", "restarts")


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "The engine keeps what a program writes, and one command shows it. Most of it is dull; one line is not.",
        "A program has two outputs. Problems are usually reported on the second one, the error output.",
    ),
    read="Logs",
)
def read_the_log(found):
    """By reading its log: who set off the alarm, and at which door."""
    expect_right(found, "intruder", "door")


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "One line of the log says where to look. That place is inside the container.",
        "You can run a command inside a running container: one that lists a directory, one that shows a file.",
    ),
    read="Inside: docker exec",
)
def looked_inside(found):
    """By looking inside: the word that opens the safe."""
    expect_right(found, "safe")


@exercise.check(
    answers_can_be_read,
    points=2,
    hint=(
        "One command shows what a container uses right now: processor, memory, and the number of its processes.",
        "While you look, nothing of yours may run in the container: a shell that you have opened there counts, too. "
        "The memory limit is next to the memory in use.",
    ),
    read="stats: what it uses",
)
def watched_it(found):
    """By watching it: how many processes run in it, and how much memory it may use at most."""
    expect_right(found, "processes", "memory_limit_mib")


def given(answers, name):
    """An answer as somebody may have written it: 7, "7", " 7 ", "37MiB", "Word"."""
    value = answers.get(name)
    if value in (None, "", 0, False) or isinstance(value, (dict, list)):
        return ""
    # The dot is the sentence's, where a word is copied from its end; and the journal says "door 7".
    return str(value).strip().removesuffix(".").casefold().removeprefix("door ")


def as_written(answers, name):
    """An answer as it stands in answers.json, the quotes of a word aside."""
    if name not in answers:
        return "(not there)"
    value = answers[name]
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:80] or "(nothing)"


def fits(name, answer, wanted):
    """Whether an answer is the right one."""
    if isinstance(wanted, str):
        return answer == wanted
    number = re.fullmatch(r"(\d{1,20})(?:\.0+)?\s*(?:mib|mb|m)?", answer)
    return number is not None and (int(number[1]) == wanted or (name == "memory_limit_mib" and int(number[1]) == wanted * MIB))


def expect_right(found, *names):
    """These answers are what the container shows."""
    answers, facts = found
    wanted = facts_of(facts)
    wrong = [name for name in names if not fits(name, given(answers, name), wanted[name])]
    if wrong:
        raise CheckFailed(
            f"Your answer to {' and to '.join(wrong)} is not what your container shows.",
            expected="; ".join(f"{name}: {ASKED[name]}" for name in wrong),
            found="; ".join(f"{name}: {as_written(answers, name)}" for name in wrong),
            advice=next((advice for name in wrong if (advice := why(name, answers, facts))), ""),
        )


def why(name, answers, facts):
    """What to make of a wrong answer; empty where that cannot be told."""
    wanted = facts_of(facts)
    answer, right = given(answers, name), wanted[name]
    if isinstance(answers.get(name), (list, dict)):
        return "Give each answer as it is, without brackets."
    if not answer:
        return f"There is no answer to {name} yet{': the 0 stood there from the start' if isinstance(right, int) else ''}."
    if isinstance(right, int) and not re.match(r"\d", answer):
        return f"The answer to {name} is a number."
    if not any(fits(one, given(answers, one), fact) for one, fact in wanted.items()):
        return "None of your answers is true of your container: it is different for everybody."
    if name == "case" and answer == NAME:
        return f"{NAME} is the name of the container. Its labels are something else."
    if f"{given(answers, 'intruder')} closed door {given(answers, 'door')}\n" in journal(facts) and name in {
        "intruder",
        "door",
    }:
        return "That is in the journal, which is most of the log. The alarm is another line."
    if name == "safe" and "/" in answer:
        return "That is where the note is. What does it say?"
    if name == "safe" and " " in answer:
        return "Only the word that opens the safe is asked for, not the sentence."
    if name == "processes" and answer in {str(right + 1), str(right + 2)}:
        return "Looking from inside adds a process. And nothing else of yours may run in it while you count."
    if name == "memory_limit_mib" and "ib" in answer:
        return "docker stats shows what is in use, a slash, and then the limit."
    return ""
