"""The build cache: what an edit makes again, and what it does not."""

from secrets import token_hex

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="A build that does not start over",
    learner_files=("Dockerfile", ".dockerignore"),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=180),
)

REPORT = """\
Adelie: 2 seen, beak 39.0 mm, 3.7 kg
Chinstrap: 2 seen, beak 49.0 mm, 3.73 kg
Gentoo: 2 seen, beak 47.5 mm, 5.08 kg"""
# An installer writes RECORD last, each time that it installs: the time of its making tells one installation from another.
PACKAGES = ("**/drydock_beaks-*.dist-info/RECORD", "**/drydock_scales-*.dist-info/RECORD")


INSTALLED_AGAIN = "That build did install again. It took packages that it had kept, which are older than requirements.txt."
FROM_THE_CACHE = "That build took the installation from the cache: nothing that the installation reads had changed."


class Edited:
    """The image before and after an edit of the program, of its data, and of a file that nobody needs."""

    def __init__(self, work):
        # Never seen before, so that no build of an earlier run is in the cache.
        self.title, self.species = f"Report {token_hex(8)}", f"Emperor {token_hex(4)}"
        program = work.text("report.py").replace('TITLE = "Weekly report"', f'TITLE = "{self.title}"')
        data = f"{work.text('penguins.csv').rstrip()}\n{self.species},81.0,30000\n"
        self.before = work.build()
        self.after = work.with_files({"report.py": program, "penguins.csv": data, "notes.md": self.title}).build()


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Did that step already have the files that it needs?",
        "requirements.txt says where the packages lie: that folder must be copied before they are installed.",
    ),
    read="The Dockerfile that most people write",
)
def builds(work):
    """The image builds."""
    work.build()
    return work


@exercise.check(
    builds,
    points=2,
    hint=(
        "Read the container's output: it names the module or the file that is missing.",
        "What is in a cache mount is there during that one RUN, and not in the image.",
    ),
    read="The Dockerfile that most people write",
)
def works(work):
    """A container prints the report, made with the packages of requirements.txt."""
    message = "A container from your image does not print the report."
    ended = work.build().run().expect(exit_code=0, contains="made with beaks 1.0 and scales 2.0", message=message)
    ended.expect(contains=REPORT, message=message)
    return work


@exercise.check(
    works,
    points=2,
    hint=(
        "The new build does not read report.py and penguins.csv, or it takes old ones from somewhere.",
        "A copy of the program inside of the Dockerfile, or in a cache, does not change when report.py does.",
    ),
    read="What runs again?",
)
def shows_the_edit(work):
    """After an edit of report.py and penguins.csv, a new build has the new ones."""
    edited = Edited(work)
    ended = edited.after.run()
    ended.expect(
        exit_code=0, contains=edited.title, message="We gave report.py another title and built again: it is not there."
    )
    ended.expect(
        contains=f"{edited.species}: 1 seen, beak 81.0 mm, 30.0 kg",
        message="We added an Emperor to penguins.csv and built again: the report does not know it.",
    )
    return edited


@exercise.check(
    shows_the_edit,
    points=4,
    hint=(
        "The list shows which steps came from the cache. The first one that did not is where a file had changed; all steps "
        "below it ran again.",
        "A step that copies files runs again when one of *these* files has changed. Which files does the installation need?",
        "Copy what the installation needs, install, and only then copy the rest. The order matters in every stage.",
    ),
    read="What runs again?",
)
def keeps_the_packages(edited):
    """That new build does not install the packages again: they come from the cache."""
    edited.after.expect_same(edited.before, *PACKAGES, what="the installed packages")


@exercise.check(
    works,
    points=2,
    hint=(
        "Which file told the installation what to install?",
        "The installation should read requirements.txt, and whatever it keeps must not be older than that file.",
    ),
    read="What exactly is installed?",
)
def follows_the_requirements(work):
    """After an edit of requirements.txt, a new build has the packages that it asks for."""
    asked = work.text("requirements.txt").replace("drydock-beaks==1.0", "drydock-beaks==1.1")
    changed = work.with_files({"requirements.txt": asked}).build()
    try:
        changed.run().expect(
            exit_code=0,
            contains="made with beaks 1.1 and scales 2.0",
            message="We asked for drydock-beaks 1.1 in requirements.txt and built again: the new image has another one.",
        )
    except CheckFailed as error:
        ran = any("] RUN " in step.name and not step.cached for step in changed.steps)
        raise error.but(advice=INSTALLED_AGAIN if ran else FROM_THE_CACHE) from error
