"""The build cache: what an edit makes again, and what it does not."""

import io
import re
import zipfile
from secrets import randbelow, token_hex

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


IMPORTED = re.compile(r"(?:matches|code object from) '?(/\S+?/)((?:drydock_beaks|drydock_scales)(?:\.py|/)[^\s']*)")


class NewBeaks:
    """A version of drydock-beaks that was never there before: its averages are off by a number that nobody can foresee."""

    def __init__(self):
        self.version, self.off = f"1.{2 + randbelow(90)}", 100 * (1 + randbelow(90))

    def wheel(self):
        """It as a wheel."""
        notes = f"drydock_beaks-{self.version}.dist-info"
        code = f"__version__ = {self.version!r}\n\n\ndef average(values):\n    values = list(values)\n"
        files = {
            "drydock_beaks/__init__.py": f"{code}    return round(sum(values) / len(values) + {self.off}, 2)\n",
            f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: drydock-beaks\nVersion: {self.version}\n",
            f"{notes}/WHEEL": "Wheel-Version: 1.0\nGenerator: checks\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        files[f"{notes}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{notes}/RECORD"))
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as wheel:
            for path, text in files.items():
                wheel.writestr(path, text)
        return {f"wheels/drydock_beaks-{self.version}-py3-none-any.whl": made.getvalue()}


def expect_installed_ones(image):
    """The report imports the installed packages, by Python's own account; where Python gives none, nothing is said."""
    told = image.run(env={"PYTHONVERBOSE": "1"})
    installed = {one.path.rpartition("/")[0].rpartition("/")[0] for one in image.files(*PACKAGES)}
    there = {one.path for one in image.files()}
    for folder, module in IMPORTED.findall(told.output):
        path = folder + module
        if path.lstrip("/") in there and folder.strip("/") not in installed:
            try:
                told.expect(lacks=path)
            except CheckFailed as error:
                raise error.but(
                    message="The report is not made with the packages that were installed.",
                    expected="drydock_beaks and drydock_scales from the folder that they were installed in",
                    found=f"imported: {path}",
                    advice="Python first takes a module that is beside the program.",
                ) from error


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
        "requirements.txt says where the packages are: that folder must be copied before they are installed.",
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
    image = work.build()
    ended = image.run().expect(exit_code=0, contains="made with beaks 1.0 and scales 2.0", message=message)
    ended.expect(contains=REPORT, message=message)
    expect_installed_ones(image)
    return work


@exercise.check(
    works,
    points=2,
    hint=(
        "The new build does not read report.py and penguins.csv, or it gets old copies from somewhere.",
        "A copy of the program inside the Dockerfile, or in a cache, does not change when report.py does.",
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
        "The installation should read requirements.txt, and anything that it keeps must not be older than that file.",
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
    new = NewBeaks()
    asked = asked.replace("drydock-beaks==1.1", f"drydock-beaks=={new.version}")
    ended = work.with_files({"requirements.txt": asked, **new.wheel()}).build().run()
    message = "We put a new version of drydock-beaks into wheels/, asked for it in requirements.txt, and built again: "
    ended.expect(
        exit_code=0, contains=f"made with beaks {new.version} and", message=f"{message}the report was made with another."
    )
    ended.expect(
        contains=f"beak {39.0 + new.off} mm", message=f"{message}the report says its version, and does not compute with it."
    )
