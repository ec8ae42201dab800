"""Two stages: what is compiled goes into the image, the compiler does not."""

from secrets import randbelow

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="Compile here, run there",
    learner_files=("Dockerfile", ".dockerignore"),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=300, start_seconds=20),
)

# The base image takes about 125 MB, and the package next to nothing. What is left is for other ways to do it, such as a virtual
# environment. The usual compilers take 180 MB and more; the small one is found by its name.
SIZE = 155 * MB
COMPILERS = ("cc", "c89", "c99", "tcc", "*-tcc", "gcc", "*-gcc", "gcc-*", "*-gcc-*", "g++*", "clang*", "ld", "ld.bfd", "as")
PROGRAMS = tuple(f"**/bin/{name}" for name in COMPILERS)
# What a compiler reads: standard headers, and its own library.
PARTS = ("**/include/stdio.h", "**/libtcc1.a", "**/libtcc.so*", "**/libtcc.a", "**/cc1", "**/libc.a")
# By another name, or packed: words of tcc itself, of a header that every compiler reads, and lines of nearest.c.
OF_A_COMPILER = ("tcc: ar: can't open file", "Define ISO C stdio on top of C++ iostreams")
OF_NEAREST = """
static double *numbers(int count)
    double *read = malloc(count * sizeof(double));
    for (int one = 0; read && one < count; one++)
        if (scanf("%lf", &read[one]) != 1)
    return read ? read : (exit(3), read);
    int dimensions, count, best = -1;
    if (scanf("%d %d", &dimensions, &count) != 2 || dimensions < 1 || count < 1)
    double *point = numbers(dimensions), *spread = numbers(dimensions), *points = numbers(dimensions * count);
            double apart = (point[one] - points[which * dimensions + one]) / spread[one];
    printf("%d %.17g\\n", best, least);
"""
# The compiled program, its source, and how both write what is computed.
PROGRAM, SOURCE, RESULT = "**/drydock_nearest/nearest", "**/nearest.c", b"%d %.17g"
MODULES = ("**/drydock_nearest.py", "**/drydock_nearest/__init__.py")
SEVERAL = "There are several modules of that name: {}. Python takes the first that it finds, beside the program before all."

# penguins.py once more, so that nothing in the learner's folder decides what is right.
AVERAGES = {
    "Adelie": (38.8, 18.3, 190.0, 3700.0),
    "Chinstrap": (48.8, 18.4, 196.0, 3730.0),
    "Gentoo": (47.5, 15.0, 217.0, 5080.0),
}
SPREADS = (5.3, 1.9, 13.2, 768.0)


def penguin(species):
    """A penguin near the average of its species."""
    pairs = zip(AVERAGES[species], SPREADS, strict=True)
    return [round(average + spread * (randbelow(200) - 100) / 1000, 1) for average, spread in pairs]


def distance(measured, species):
    """How far it is from the average, squared, in units of the spread."""
    rows = zip(measured, AVERAGES[species], SPREADS, strict=True)
    return sum(((one - average) / spread) ** 2 for one, average, spread in rows)


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. In which stage is that step, and what does this stage have?",
        "Installing from the source needs the compiler. A wheel, or an installed package, does not: it is compiled already.",
    ),
    read="Two stages",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=3,
    hint=(
        "The container's output says what is missing: a module, a program, or Python itself.",
        "A wheel is a packed package: it must be installed. The program nearest is compiled when the wheel is made. It "
        "is in the wheel, not in the folder package.",
        "A virtual environment has no Python of its own, only a link to the one that made it. Does the last stage have "
        "that Python?",
    ),
    read="Two stages",
)
def works(image):
    """Four measurements after the image's name give the species and the distance, computed by the compiled package."""
    for species in AVERAGES:
        measured = penguin(species)
        output = f"{species}, distance {distance(measured, species):.4f}"
        image.run(*map(str, measured)).expect(
            exit_code=0, output=output, message="A container from your image does not name the species and the distance."
        )
    comes_from_the_program(image)


def comes_from_the_program(image):
    """With a compiled program in its place that always says one distance, that is the distance.

    Who compiles at the start has it where the source was changed in the same way.
    """
    places = [f"/{one.path}" for one in image.files(PROGRAM, SOURCE) if not image.is_deleted(one)]
    told = f"{10 + randbelow(8_900) / 100:.2f}"
    changed = {place: (image.read(place) or b"").replace(RESULT, f"%d {told}".encode()) for place in places}
    try:
        image.run(*map(str, penguin("Gentoo")), files=changed).expect(output=f"Gentoo, distance {told}00")
    except CheckFailed as error:
        modules = sorted({f"/{one.path}" for one in image.files(*MODULES) if not image.is_deleted(one)})
        raise error.but(
            message="What your container says is not what the compiled program in the package computes.",
            expected="the distance that the program nearest says; we put one in its place that always says the same",
            advice=SEVERAL.format(" and ".join(modules)) if len(modules) > 1 else "",
        ) from error


@exercise.check(
    builds,
    points=3,
    hint=(
        "Which instruction brought the compiler, and in which stage?",
        "A file that a later step deletes is still in the layer below.",
        "The last stage has what its FROM names, and what it copies. Does it begin from the image that has the compiler?",
    ),
    read="Two stages",
)
def has_no_compiler(image):
    """No layer of the image has a compiler in it."""
    image.expect_lacks(*PROGRAMS, *PARTS, what="a compiler, or parts of one")
    image.expect_nowhere(OF_A_COMPILER, "a compiler, or a part of one,")


@exercise.check(
    builds,
    points=1,
    hint=(
        "The program does not need the source any more, once it is compiled.",
        "COPY . . takes everything. Name what the last stage needs, or keep the rest out.",
    ),
    read="Two stages",
)
def has_no_source(image):
    """No layer of the image has nearest.c in it."""
    image.expect_lacks("**/nearest.c", what="the source, nearest.c")
    image.expect_no_copy(OF_NEAREST, "the source, nearest.c,")


@exercise.check(
    builds,
    points=2,
    hint=(
        "Look at the step that adds most. Does the program need all that it adds?",
        "Copy from the other stage only what is needed. A step that changes the owner of files stores them a second time.",
    ),
    read="Fewer layers: what it does, and what it does not",
)
def is_small(image):
    """The image is at most 155 MB."""
    image.expect_size(at_most=SIZE)
