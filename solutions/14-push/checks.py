"""An image on its way through a registry: pushed under two tags, removed here, pulled back, run."""

from grader import Exercise

exercise = Exercise(title="There and back", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGES = ("busybox", "registry:2")
PORT = 5001  # 5000 is taken on many a Mac
GREET = "#!/bin/sh\ncat /greeting\n"


def version(facts):
    """The tag of the image."""
    return f"{facts.number('major', 1, 9)}.{facts.number('minor', 0, 30)}.{facts.number('patch', 0, 30)}"


def name(facts):
    """What the image is called."""
    return f"penguins:{version(facts)}"


def greeting(facts):
    """What its program prints."""
    return f"penguins {version(facts)} says {facts.word('greeting')}"


def penguins(sandbox):
    """The repository that the image is to be pushed to."""
    return sandbox.registry(PORT).repository("penguins")


@exercise.setup
def situation(setup):
    """A registry runs at localhost:5001, in the container registry, and there is an image called penguins."""
    setup.docker("run", "--detach", "--name", "registry", "--publish", f"127.0.0.1:{PORT}:5000", "registry:2")
    setup.image(name(setup.facts), {"greet": GREET, "greeting": greeting(setup.facts) + "\n"}, 'CMD ["/greet"]')


@exercise.check(
    points=1,
    hint=(
        "The command that is named above waits for something. What for?",
        "A registry never ends by itself, and neither does its log. What only shows something can be left out.",
    ),
    read="03: Part two: containers",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(images=IMAGES, setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "Ask the registry itself: the notebook shows the two addresses that list its repositories and their tags.",
        "The part of a name before the first slash says where the image goes; the part after the colon is the tag.",
        "Giving a name changes only your engine. It takes another command to bring each of the two to the registry.",
    ),
    read="03: What is in a name",
)
def both_tags_are_in_the_registry(sandbox):
    """The registry at localhost:5001 has penguins under two tags: its version, and stable."""
    sandbox.container("registry").expect_running().expect_not_new()
    penguins(sandbox).expect_tags(version(sandbox.facts), "stable")
    return sandbox


@exercise.check(
    both_tags_are_in_the_registry,
    points=2,
    hint=(
        "docker push prints the digest of what it pushed, in its last line. Compare the two.",
        "An image that has a tag can be given another one. You need not build anything.",
    ),
    read="03: Tag",
)
def both_are_one_digest(sandbox):
    """In the registry, both tags are one digest."""
    penguins(sandbox).expect_one_digest(version(sandbox.facts), "stable")
    return sandbox


@exercise.check(
    both_are_one_digest,
    points=2,
    hint=(
        "Which image had the two names at the moment when you pushed it?",
        "A tag in a registry moves: the last push wins, whatever was there before.",
    ),
    read="03: Pull",
)
def it_is_the_image_that_was_given(sandbox):
    """What the registry has is the image that you were given, and all of it."""
    penguins(sandbox).image("stable").expect_is(name(sandbox.facts)).expect_complete()


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "Docker says Untagged when it removes a name, and Deleted when it removes an image. Which of the two did it say?",
        "An image goes with its last name. How many names did it have, and which was the first?",
        "After that, it is only in the registry, and one command fetches it. It has to be there at the end.",
    ),
    read="03: Remove: docker rmi",
)
def was_removed_and_pulled_back(sandbox):
    """The image was removed here, under all its names, then pulled from the registry, and it is there in the end."""
    penguins(sandbox).round_trip(name(sandbox.facts)).expect_pulled_back()
    return sandbox


@exercise.check(
    was_removed_and_pulled_back,
    points=2,
    hint=(
        "Which commands start a container, and which only create one?",
        "Whatever ran before the pull came from here. The proof is a container made from the image that came back.",
    ),
    read="03: Part two: containers",
)
def what_came_back_was_run(sandbox):
    """Your commands run what came back, and it says what it said before."""
    given = name(sandbox.facts)
    penguins(sandbox).round_trip(given).expect_run()
    sandbox.image(sandbox.given[given].id).run().expect(line=greeting(sandbox.facts))
