"""Packages from another stage: the user who runs the program must be able to read them."""

from secrets import randbelow

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="Packages that everybody can read",
    learner_files=("Dockerfile", ".dockerignore"),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=180, start_seconds=20),
)

PORT = 8000
BEAKS = [round(30 + randbelow(300) / 10, 1) for _ in range(3)]
AVERAGE = round(sum(BEAKS) / len(BEAKS), 2)
# The package; and its first file as it stands in the wheel alone, directly behind its name: not in make_wheels.py, say.
PACKAGE, MODULE = "**/drydock_beaks/__init__.py", "**/drydock_beaks.py"
OF_THE_WHEEL = 'drydock_beaks/__init__.py"""Sums about beaks."""'
# List it; go into it, which is enough to read what is known to be there.
WAYS_IN = ("import os; os.listdir('/root')", "import os; os.stat('/root/.')")


def another_package(image, told):
    """The package with other sums, at each place where the image has it: path → text."""
    text = f"def average(values):\n    return {told}\n\n\ndef main():\n    print('average beak: {told} mm')\n"
    return {f"/{one.path}": text for one in image.files(PACKAGE) if not image.is_deleted(one)}


def as_the_server(api, *command):
    """Run a command in the container as the user of its main process."""
    return api.exec(*command, user=api.main_user())


def several_modules(image):
    """Where else Python may find a module of that name, in a sentence; empty where it has only one."""
    modules = sorted({f"/{one.path}" for one in image.files(PACKAGE, MODULE) if not image.is_deleted(one)})
    return f"Python takes the first that it finds: there are {' and '.join(modules)}." if len(modules) > 1 else ""


def where_the_module_is(image):
    """Where the package lies in the image, and whether Python looks there, in a sentence."""
    places = sorted(
        {f"/{one.path.rpartition('/drydock_beaks')[0]}" for one in image.files("**/drydock_beaks", "**/drydock_beaks.py")}
    )
    if not places:
        return "drydock_beaks is nowhere in the image."
    searched = image.run("-c", "import sys; print(*sys.path, sep='\\n')", entrypoint=("python3",)).stdout.split()
    looks = (
        "Python looks there, but this user may not go there"
        if places[0] in searched
        else "This user's Python does not look there"
    )
    return f"drydock_beaks is in {places[0]}. {looks}."


def where_the_command_is(image):
    """Where the package's command lies in the image, in a sentence; empty where it would be found."""
    folders = [f"/{one.path.rpartition('/')[0]}" for one in image.files("**/bin/beaks")]
    if not folders or folders[0] in image.env.get("PATH", "").split(":"):
        return ""
    return f"beaks is in {folders[0]}, and PATH does not list that folder."


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says.",
        "COPY --from needs the name of a stage exactly as it is after AS. And each stage has only the files that were "
        "copied into it.",
    ),
    read="Two stages",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=4,
    hint=(
        "Where is the module in the image, and who may go there?",
        "To read a file, a user must be allowed into every folder on the way to it. /root lets only root in.",
        "Put the packages either into a folder that everybody may read and that Python looks in, or into the home of "
        "the user who runs the program. Python looks in ~/.local, and ~ is different for each user.",
    ),
    read="The tutorials' form",
)
def serves(image):
    """GET /average on port 8000 gives what the package computes."""
    with image.start(publish=PORT) as api:
        try:
            api.http(f"/average/{'/'.join(map(str, BEAKS))}").expect(status=200, json={"average": AVERAGE})
        except CheckFailed as error:
            raise error.but(
                advice=where_the_module_is(image) if "ModuleNotFoundError" in error.finding.found else ""
            ) from error
    told = round(30 + randbelow(3000) / 100, 2)
    with image.start(publish=PORT, files=another_package(image, told)) as api:
        try:
            api.http("/average/39.1").expect(status=200, json={"average": told})
        except CheckFailed as error:
            raise error.but(
                message="What the service answers is not what the package computes.",
                expected="what the package says; we put one in its place that always says the same",
                advice=several_modules(image),
            ) from error
    return image


@exercise.check(
    serves,
    points=2,
    hint=(
        "Root can read everything. That is why the server should not be root.",
        "One instruction sets the user that the container runs as. The last one in the last stage counts.",
    ),
    read="05: USER: who you are",
)
def is_not_root(image):
    """The server does not run as root."""
    with image.start(publish=PORT) as api:
        # Once it serves: a start script may begin as root and hand over.
        api.http("/health").expect(status=200)
        api.expect_no_root()


@exercise.check(
    serves,
    points=2,
    hint=(
        "We ran the command as the server's user. Was it not found, or could it not start?",
        "A command is found in the folders that PATH lists. The package's command is in a folder bin: where is it in the "
        "last stage?",
        "The first line of a command names the Python that it was installed with. A virtual environment must stay in the place "
        "where it was made.",
    ),
    read="A virtual environment in place of wheels",
)
def has_the_command(image):
    """The package's command works: beaks 39.1 41.3 says the average."""
    with image.start(publish=PORT) as api:
        api.http("/health").expect(status=200)
        words = as_the_server(api, "beaks", *map(str, BEAKS))
        try:
            words.expect(
                exit_code=0, output=f"average beak: {AVERAGE} mm", message="The server's user cannot run the command beaks."
            )
        except CheckFailed as error:
            raise error.but(advice=where_the_command_is(image)) from error
    told = round(30 + randbelow(3000) / 100, 2)
    with image.start(publish=PORT, files=another_package(image, told)) as api:
        api.http("/health").expect(status=200)
        as_the_server(api, "beaks", "39.1").expect(
            output=f"average beak: {told} mm",
            message="The command beaks does not say what the package computes: it is not the package's own.",
        )


@exercise.check(
    serves,
    points=1,
    hint=(
        "Which instruction changed the permissions of /root, and what for?",
        "What is in root's home should stay there. Move the packages, not the permissions.",
    ),
    read="The tutorials' form",
)
def keeps_roots_home_closed(image):
    """Nobody but root can look into /root, or reach a file in it."""
    with image.start(publish=PORT) as api:
        api.http("/health").expect(status=200)
        # Root itself may; then somebody else is asked.
        user = api.main_user() if api.look().uid else "65534"
        if any(api.exec("python3", "-c", tried, user=user).exit_code == 0 for tried in WAYS_IN):
            raise CheckFailed(
                f"The user {user} can go into /root.",
                expected="only root can",
                found="/root has the mode {}, and its owner is {}".format(
                    *api.exec("stat", "-c", "%A %U", "/root").stdout.split()
                ),
            )


@exercise.check(
    builds,
    points=1,
    hint=(
        "The package's file is needed for the installation, and not after that.",
        "A file that a later step deletes is still in the layer below. Copying from another stage leaves the rest behind.",
    ),
    read="Two stages",
)
def leaves_the_wheels_behind(image):
    """What the packages were installed from is in no layer of the image."""
    image.expect_lacks("**/drydock_beaks-*.whl", what="the wheel that the package was installed from")
    image.expect_nowhere(OF_THE_WHEEL, "the wheel that the package was installed from")
