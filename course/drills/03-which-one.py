"""Three containers of one image; their logs tell them apart."""

from grader import CheckFailed, Drill

drill = Drill(
    title="Which one is it?",
    place=2,
    task="""`{red}`, `{green}` and `{blue}` run the same image. One of them writes errors.
Pause that one (`docker pause`), and leave the two others as they are.""",
    draws={"red": "name", "green": "name", "blue": "name", "faulty": ("red", "green", "blue")},
)


@drill.setup
def three_of_a_kind(setup):
    """Three containers run."""
    for one in ("red", "green", "blue"):
        name = setup.drawn[one]
        says = "ERROR: no model" if name == setup.drawn["faulty"] else "INFO: all well"
        said = f"echo {says}; touch /said; while sleep 5; do echo {says}; done"
        setup.docker("run", "--detach", "--name", name, "busybox", "sh", "-c", said)
        setup.docker("exec", name, "sh", "-c", "until test -e /said; do sleep 0.1; done")


@drill.check
def the_faulty_one_is_paused(lab):
    """The one that writes errors is paused, and the two others are running."""
    faulty = lab.container("faulty")
    innocent = [lab.container(one) for one in ("red", "green", "blue") if lab.drawn[one] != faulty.name]
    if any(one.state == "paused" for one in innocent):
        raise CheckFailed("A container is paused that writes no errors.")
    if faulty.state != "paused":
        ended = faulty.state == "exited"
        raise CheckFailed(
            f"{faulty.name} has ended, and none of the three is paused." if ended else "None of the three is paused."
        )
    for one in innocent:
        one.expect_running()


drill.answer("docker pause {faulty}")
drill.answer("for one in {red} {green} {blue}; do docker logs $one | grep -q ERROR && docker pause $one; done")
drill.mistake(
    "stopped it",
    "docker stop -t 0 {faulty}",
    says="{faulty} has ended, and none of the three is paused.",
)
drill.mistake(
    "paused all",
    "docker pause {red} {green} {blue}",
    says="A container is paused that writes no errors.",
)
