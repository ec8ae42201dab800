"""What a build is given: everything in the folder, unless .dockerignore says otherwise."""

import json
import secrets

from grader import KB, MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="What does not belong in the image",
    learner_files=(".dockerignore", "Dockerfile"),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=120),
)

SENT = 200 * KB
CHANCE = secrets.SystemRandom()
NEEDED = ("describe.py", "penguins/environment.py", "penguins/data/species.json")
HISTORY = (".git",)
DATA = ("data/*",)
SECRETS = ("**/.env*",)
SPECIES = {"Adelie": "sea ice", "Chinstrap": "rocky islands", "Gentoo": "beaches"}


class Project:
    """The learner's folder with what has gathered in it, built, and what the build was sent.

    Attributes:
        secret, past, data: what stands in each of these files; another text at each check.
        description: what the program says, of the data that its package has this time.
    """

    def __init__(self, work):
        self.secret, self.past, self.data = (secrets.token_hex(16) for _ in range(3))
        masses = {name: CHANCE.randint(2500, 6500) for name in SPECIES}
        self.description = "\n".join(
            [f"{len(SPECIES)} species", *(f"{name}: {masses[name]} g, lives on {where}" for name, where in SPECIES.items())]
        )
        package = {"penguins/data/species.json": json.dumps({name: {"mass_g": mass} for name, mass in masses.items()})}
        gathered = work.with_files({**package, **self._gathered()})
        self.image = gathered.build()
        self.sent = gathered.sent()

    def _gathered(self):
        """What gathers in a project. We put it into a copy of the learner's folder: git would not keep half of it."""
        filler, key = secrets.token_bytes(300 * KB), f"API_KEY={self.secret}\n"
        data = f"{self.data}\n".encode() + filler[: 2 * KB]
        return {
            ".env": key,
            ".env.local": key,
            "penguins/.env": key,
            "penguins/.env.example": key,
            "penguins/data/.env.production": key,
            f"penguins/data/.env{CHANCE.choice('abcdef')}{CHANCE.randrange(1000, 10000)}": key,
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/config": f"[core]\n\tbare = false\n# {self.past}\n",
            ".git/objects/pack/pack-4f1d.pack": f"{self.past}\n".encode() + filler[: 2 * KB],
            "data/README.md": f"Where the data comes from: {self.data}\n",
            "data/sightings.csv": f"species,seen\n{self.data},3\n",
            "data/raw/2026/sightings.parquet": data,
            f"data/raw/{CHANCE.randint(1990, 2020)}/LICENSE": data,
            ".venv/pyvenv.cfg": "home = /usr/bin\n",
            ".venv/lib/python3.13/site-packages/big.so": filler,
            # Each of these alone is too much: what is kept out at the top only is sent from the folders below.
            "__pycache__/describe.cpython-313.pyc": filler[: 220 * KB],
            "penguins/__pycache__/environment.cpython-313.pyc": filler[: 240 * KB],
        }


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Does it miss a file that is there?",
        "What .dockerignore names does not exist for the build, and COPY cannot copy it.",
    ),
    read=".dockerignore: what stays at home",
)
def builds(work):
    """The image builds."""
    return Project(work)


@exercise.check(
    builds,
    points=2,
    hint=(
        "Something that the program needs was kept out. The container's output names it.",
        "Two stars and a slash mean: in any folder, however deep. Does the program need anything with that name?",
        "A pattern has to match the whole path from the top of the folder. An exception for *.py lets no other file in.",
    ),
    read=".dockerignore: what stays at home",
)
def app_works(project):
    """A container from your image describes the three species, from the data of the package."""
    try:
        project.image.run().expect(
            exit_code=0,
            contains=project.description,
            expected="three species, with the masses in penguins/data/species.json (others, in the checks' copy)",
            message="A container from your image does not describe the three species of the package.",
        )
    except CheckFailed as error:
        raise error.but(advice=project.image.left_out(*NEEDED)) from error


@exercise.check(
    builds,
    points=3,
    hint=(
        "Look at the folders that these files are in.",
        "Unlike in .gitignore, a name without slashes matches only at the top of the folder. And .env is not the only "
        "such name.",
        "The last pattern that matches a file decides. Deleting a file in a later step does not take it out of the image.",
    ),
    read=".dockerignore: what stays at home",
)
def keeps_secrets_out(project):
    """No file whose name begins with .env, in whatever folder, is sent to the build, and no layer holds such a secret."""
    project.sent.expect_lacks(*SECRETS, what="files with secrets, whose names begin with .env")
    project.image.expect_nowhere(project.secret, "a secret from a file whose name begins with .env")


@exercise.check(
    builds,
    points=1,
    hint=(
        "The folder .git holds every version of every file, deleted passwords included.",
        "Name the folder itself, rather than some of the files in it.",
    ),
    read=".dockerignore: what stays at home",
)
def keeps_history_out(project):
    """The folder .git is neither sent nor in any layer."""
    project.sent.expect_lacks(*HISTORY, what="the folder .git")
    project.image.expect_nowhere(project.past, "what stands in a file of the folder .git")


@exercise.check(
    builds,
    points=2,
    hint=(
        "There is more than one kind of file in data/, and there are folders within it.",
        "One star does not go into folders. A folder's own name stands for everything that is in it.",
    ),
    read=".dockerignore: what stays at home",
)
def keeps_data_out(project):
    """Nothing of the folder data at the top is sent, or in any layer."""
    project.sent.expect_lacks(*DATA, what="files of the folder data")
    project.image.expect_nowhere(project.data, "what stands in a file of the folder data")


@exercise.check(
    builds,
    points=1,
    hint=(
        "The list shows the largest files that were sent. Which of them can be made again at any time?",
        "Think of a virtual environment, and of byte code in every folder of the project. Spell their names exactly.",
    ),
    read=".dockerignore: what stays at home",
)
def sends_little(project):
    """The build is sent at most 200 kB."""
    project.sent.expect_at_most(SENT)
