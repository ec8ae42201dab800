"""CMD and ENTRYPOINT: what runs, with which words, and who gets the signal."""

import re
import time

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="CMD and ENTRYPOINT",
    learner_files=("Dockerfile",),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=120, start_seconds=20),
)

# A shell on the way would take these apart, or put something else in their place.
NAMES = ("Skipper the Second", "$HOME", "*", 'it\'s "Private"', "a;b", "")


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read that step's own words: they are usually about a file name.",
        "COPY sees only the folder that you build in, and only the names that exist there.",
    ),
    read="COPY and ADD: bringing files in",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=2,
    hint=(
        "We started a container with nothing behind the image's name. What did it write, and does it still run?",
        "Words that are used when nobody gives any are the business of one instruction; the last one of them counts.",
        "Both instructions are lists here. Written without brackets, a shell and its -c become words for your program.",
    ),
    read="CMD and ENTRYPOINT: what starts",
)
def watches_by_default(image):
    """A container without further words watches: it writes that it does, and keeps running."""
    with image.start() as container:
        container.expect_log("watching")
        container.expect_running(for_seconds=3)
    return image


@exercise.check(
    builds,
    points=2,
    hint=(
        "Words behind the image's name take the place of one instruction and are added to the other.",
        "What stays the same in every container, the program, belongs into ENTRYPOINT. What may change belongs elsewhere.",
        "An ENTRYPOINT without brackets is run by a shell, which keeps all further words to itself.",
    ),
    read="CMD and ENTRYPOINT: what starts",
)
def takes_arguments(image):
    """The words classify 46.8 14.9 219 5200 behind the image's name name the species, and no other words are needed."""
    image.run("classify", "46.8", "14.9", "219", "5200").expect(exit_code=0, output="species: Gentoo")
    image.run("classify", "38.9", "18.6", "187", "3550").expect(exit_code=0, output="species: Adelie")
    return image


@exercise.check(
    takes_arguments,
    points=2,
    hint=(
        "We gave names with spaces, stars and dollars. Compare the bands with the names.",
        "A shell between Docker and your program splits words and fills in variables. Either there is none, or it must hand on "
        "its words exactly as they came.",
    ),
    read="Two ways to write it",
)
def keeps_words_together(image):
    """Every word arrives as it was given: docker run IMAGE band "Skipper the Second" makes one band."""
    bands = "\n".join(f"band {number}: [{name}]" for number, name in enumerate(NAMES, 1))
    image.run("band", *NAMES).expect(
        exit_code=0, output=bands, message="Words behind the image's name did not reach the program as they were given."
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
def can_be_replaced(image):
    """With --entrypoint python3, the word evaluate.py runs the other script."""
    image.run("evaluate.py", entrypoint=("python3",)).expect(
        exit_code=0, contains="4 of 4 right", message="With --entrypoint python3, the container cannot run evaluate.py."
    )


@exercise.check(
    watches_by_default,
    points=2,
    hint=(
        "docker stop sends a signal to the container's first process, and to no other. Which process is that in yours?",
        "A shell that waits for your program does not pass the signal on. The program itself should be the first process, or "
        "take the shell's place.",
    ),
    read="Two ways to write it",
)
def ends_when_asked(image):
    """A request to stop reaches the program: it says goodbye and ends with exit status 0 within two seconds."""
    with image.start() as container:
        container.expect_log("watching")
        ended = container.stop(grace=4).expect(exit_code=0, within=2)
        ended.expect(contains="goodbye", message="The container ended when it was asked to, but the program said no goodbye.")
        lasted = time.monotonic() - container.started
    # It has counted a penguin a second at most.
    counted = re.search(r"^counted (\d+) penguins, goodbye\s*$", ended.output, re.MULTILINE)
    if counted is None or int(counted[1]) > lasted:
        raise CheckFailed(
            "The goodbye is not the program's own.",
            expected="counted … penguins, goodbye: as many as it has seen",
            found=next(line for line in ended.output.splitlines() if "goodbye" in line),
            advice="Let penguins.py say it: it must get the signal itself.",
        )
