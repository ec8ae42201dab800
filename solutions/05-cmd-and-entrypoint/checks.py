"""CMD and ENTRYPOINT: what runs, with which arguments, and who gets the signal."""

import secrets

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="CMD and ENTRYPOINT",
    learner_files=("Dockerfile",),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=120, start_seconds=20),
)

CHANCE = secrets.SystemRandom()
NAMES = ("Skipper", "Kowalski", "Rico", "Private", "Marlene", "Maurice", "Mort", "Roger", "Alex", "Gloria")
SPREADS = (5.3, 1.9, 13.2, 768.0)
AVERAGES = {
    "Adelie": (38.8, 18.3, 190.0, 3700.0),
    "Chinstrap": (48.8, 18.4, 196.0, 3730.0),
    "Gentoo": (47.5, 15.0, 217.0, 5080.0),
}


# In front of penguins.py, in a copy of the folder: the program says a word of ours behind its first and its last line.
SAYS_MORE = """\
import builtins as _builtins
def _more(*said, _print=_builtins.print, **how):
    last = str(said[-1]) if said else ""
    _print(*said, *([{word!r}] if last == "watching" or last.endswith("goodbye") else []), **how)
_builtins.print = _more
"""


class Built:
    """The learner's folder; and an image of a copy of it, in which the program says more than it did.

    Attributes:
        work: the folder.
        talking: the image.
        word: what the program says there, behind "watching" and behind "goodbye".
    """

    def __init__(self, work):
        self.work = work
        self.word = f"again{CHANCE.randrange(1000, 10000)}"
        first, newline, rest = work.text("penguins.py").partition("\n")
        # The first line stays the first: it says how the file is run.
        self.talking = work.with_files({"penguins.py": f"{first}{newline}{SAYS_MORE.format(word=self.word)}{rest}"}).build()


def penguin(species):
    """Measurements of a penguin that is of a species, clearly, and that nobody has seen before."""
    while True:
        measured = [CHANCE.uniform(low, high) for low, high in ((36, 52), (14, 20), (184, 224), (3300, 5400))]
        apart = {
            name: sum(((m - a) / s) ** 2 for m, a, s in zip(measured, average, SPREADS, strict=True))
            for name, average in AVERAGES.items()
        }
        first, second = sorted(apart, key=apart.get)[:2]
        if first == species and apart[second] > 1.5 * apart[first]:
            return [f"{measured[0]:.1f}", f"{measured[1]:.1f}", f"{measured[2]:.0f}", f"{measured[3]:.0f}"]


def names():
    """Names in an order of their own; a shell on the way would take them apart, or put something else in their place."""
    plain = CHANCE.sample(NAMES, 8)
    odd = [
        f"{plain[0]} the {CHANCE.choice(('Second', 'Third', 'Great'))}",
        f"${CHANCE.choice(('HOME', 'PATH', 'PWD'))}",
        "*",
        f'it\'s "{plain[1]}"',
        f"{plain[2]};{plain[3]}",
        f"back\\{plain[4]}",
        f" {plain[5]}  ",
        f"-{plain[6]}",
        "",
        plain[7],
    ]
    return CHANCE.sample(odd, len(odd))


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says: it is usually about a file name.",
        "COPY sees only the folder that you build in, and only the names that exist there.",
    ),
    read="COPY and ADD: bringing files in",
)
def builds(work):
    """The image builds."""
    work.build()
    return Built(work)


@exercise.check(
    builds,
    points=2,
    hint=(
        "We started a container with nothing after the image's name. What did it write, and is it still running?",
        "One instruction holds the arguments for when nobody gives any. If it appears twice, the last one counts.",
        "Both instructions are lists here. Written without brackets, a shell and its -c become arguments of your program.",
    ),
    read="CMD and ENTRYPOINT: what starts",
)
def watches_by_default(built):
    """A container without arguments watches: it writes that it does, and keeps running."""
    image = built.work.build()
    with image.start() as container:
        container.expect_log("watching")
        container.expect_running(for_seconds=3)
    with built.talking.start() as container:
        container.expect_log("watching")
        container.expect_log(
            f"watching {built.word}",
            message="The log does not come from penguins.py: we made that say more, and the log does not have it.",
        )
    return built


@exercise.check(
    builds,
    points=2,
    hint=(
        "Arguments after the image's name replace one instruction and are added to the other.",
        "The part that is the same in every container, the program, belongs in ENTRYPOINT. The part that may change "
        "belongs elsewhere.",
        "An ENTRYPOINT without brackets is run by a shell, which keeps all further arguments to itself.",
    ),
    read="CMD and ENTRYPOINT: what starts",
)
def takes_arguments(built):
    """The arguments classify and four measurements after the image's name print the species, and nothing else is needed."""
    image = built.work.build()
    for species in AVERAGES:
        image.run("classify", *penguin(species)).expect(
            exit_code=0,
            output=f"species: {species}",
            expected="species: and the name that penguins.py gives such a penguin; nothing else",
        )
    return image


@exercise.check(
    takes_arguments,
    points=2,
    hint=(
        "We gave names with spaces, stars and dollars. Compare the bands with the names.",
        "A shell between Docker and your program splits arguments and fills in variables. Either there is none, or it must "
        "pass on its arguments exactly as they came.",
    ),
    read="Two ways to write it",
)
def keeps_words_together(image):
    """Every argument arrives as it was given: docker run IMAGE band "Skipper the Second" makes one band."""
    given = names()
    bands = "\n".join(f"band {number}: [{name}]" for number, name in enumerate(given, 1))
    image.run("band", *given).expect(
        exit_code=0,
        output=bands,
        message="Arguments after the image's name did not reach the program as they were given.",
        expected=f"a band for each of {len(given)} names, as it was given: with spaces, quotes, a star … and one empty",
    )


@exercise.check(
    builds,
    points=1,
    hint=(
        "With --entrypoint, nothing of your own ENTRYPOINT is run. What did it do that is now missing?",
        "Both scripts must be in the image, and containers must start in their folder whatever they run.",
    ),
    read="WORKDIR: where you are",
)
def can_be_replaced(built):
    """With --entrypoint python3, the argument evaluate.py runs the other script, as it is in your folder."""
    work = built.work
    message = "With --entrypoint python3, the container cannot run evaluate.py."
    work.build().run("evaluate.py", entrypoint=("python3",)).expect(exit_code=0, contains="4 of 4 right", message=message)
    # The same script with one line more: what is in the image comes from the folder, and is not made up in the build.
    word = f"penguin{CHANCE.randrange(1000, 10000)}"
    longer = work.with_files({"evaluate.py": f"{work.text('evaluate.py')}\nprint({word!r})\n"})
    longer.build().run("evaluate.py", entrypoint=("python3",)).expect(
        exit_code=0,
        contains=word,
        message="We gave your folder an evaluate.py with one line more, and the container does not run that one.",
    )


@exercise.check(
    watches_by_default,
    points=2,
    hint=(
        "docker stop sends a signal to the container's first process only. Which process is that in yours?",
        "A shell that waits for your program does not pass the signal on. The program itself should be the first process, or "
        "take the shell's place.",
    ),
    read="Two ways to write it",
)
def ends_when_asked(built):
    """A request to stop reaches the program: it says goodbye and exits with status 0 within two seconds."""
    with built.talking.start() as container:
        container.expect_log("watching")
        ended = container.stop(grace=4).expect(exit_code=0, within=2)
        ended.expect(
            contains="goodbye", message="The container ended when it was asked to, but the program did not say goodbye."
        )
        ended.expect(
            contains=f"goodbye {built.word}",
            message="The goodbye is not the program's own: we made penguins.py say more, and the container did not.",
        )
