"""Two copies of a web server on two ports: one for everybody, one for this machine only."""

from grader import Exercise

exercise = Exercise(title="Two doors", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 30
IMAGE = "drydock-kiosk"
INSIDE = 8000
PAGE = "Kiosk: the penguins are open from nine to five.\n"
# A program needs a moment until it listens, on a slow machine some seconds.
PATIENCE = 8


def ports_of(facts):
    """The public and the private port."""
    return facts.number("public port", 20000, 24999), facts.number("private port", 25000, 29999)


@exercise.prepare
def situation(bench):
    """There is an image drydock-kiosk, and a container front-desk that has written down your two ports: read its log."""
    public, private = ports_of(bench.facts)
    bench.image(IMAGE, {"www/index.html": PAGE}, f'CMD ["httpd", "-f", "-p", "{INSIDE}", "-h", "/www"]', f"EXPOSE {INSIDE}")
    said = f"The public kiosk: port {public}, for everybody.\nThe private kiosk: port {private}, for this machine only.\n"
    bench.docker("run", "--name", "front-desk", "busybox", "printf", "%s", said)


@exercise.check(
    points=1,
    hint=(
        "Look at the last command in what you see above: it did not come back.",
        "A server runs until somebody ends it. One that shall run beside other things is started in the background.",
    ),
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    stage = work.play(prepare=situation, seconds=SECONDS)
    stage.ports = ports_of(work.facts)
    return stage


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker ps shows in the column PORTS which door leads where. Is the port there that front-desk has written down?",
        "The order is from outside to inside: first the port of the machine, then that on which the program listens.",
        "An address in front of the two ports says to whom the door is open. Without one it is open to everybody.",
    ),
)
def public_is_open_to_everybody(stage):
    """The container public answers on its port, by localhost and by the address that the machine has in its network."""
    port = stage.ports[0]
    expect_kiosk(stage, "public", port, "127.0.0.1", "asked from this machine")
    expect_kiosk(stage, "public", port, stage.network_address, "asked by the machine's address in its network")


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker ps shows in the column PORTS to whom each door is open. 0.0.0.0 stands for all addresses.",
        "The address in front of the two ports says on which address of the machine the door is. This machine calls itself "
        "127.0.0.1.",
        "Each option that publishes a port opens a door of its own. One closed door is no help where another is open.",
    ),
)
def private_is_for_this_machine_only(stage):
    """The container private answers on its port, on 127.0.0.1 and nowhere else."""
    port = stage.ports[1]
    private = expect_kiosk(stage, "private", port, "127.0.0.1", "asked from this machine")
    doors = [(address, outside) for bound in private.bindings().values() for address, outside in bound]
    for one in {port, *(outside for _address, outside in doors)}:
        if stage.http(one, host=stage.network_address) is not None:
            raise stage.failed(
                "The private kiosk answers others as well: we asked by the address that the machine has in its network.",
                expected=f"no answer on port {one}, except on 127.0.0.1",
                found=f"an answer on port {one} from {shown(doors)}",
            )
    if open_doors := [one for one in doors if not one[0].startswith("127.") and one[0] != "::1"]:
        raise stage.failed(
            "The private kiosk has a door that is not on loopback.", expected=f"127.0.0.1:{port}", found=shown(open_doors)
        )


# The last one: it ends the public kiosk.
@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "We ended the container public, and looked which doors were closed then. Each copy needs a door of its own.",
        "Two ports of one container are two doors to the same room. How many servers run? docker ps counts them.",
    ),
)
def there_are_two_copies(stage):
    """Each port leads to a copy of its own: when public ends, its port is silent, and that of private still answers."""
    for name in ("public", "private"):
        stage.container(name).expect_running()
    public, private = stage.ports
    for port in stage.ports:
        if stage.http(port, host="127.0.0.1", within=1) is None:
            raise stage.failed("A kiosk does not answer.", expected=f"an answer on port {port}", found="no answer")
    stage.docker("stop", "--time", "0", "public")
    if stage.http(public, host="127.0.0.1") is not None:
        raise stage.failed(
            "We ended the container public, and its port still answers.",
            expected=f"port {public} leads to the container public",
            found=f"port {public} leads to another container",
        )
    if stage.http(private, host="127.0.0.1", within=PATIENCE) is None:
        raise stage.failed(
            "We ended the container public, and the private kiosk went with it.",
            expected=f"port {private} leads to the container private",
            found=f"port {private} leads to the container public",
        )


def expect_kiosk(stage, name, port, host, how):
    """A container runs, and the kiosk answers on a port of an address."""
    container = stage.container(name).expect_running()
    published = stage.docker("ps", "--quiet", "--filter", f"publish={port}").stdout.strip()
    answer = stage.http(port, host=host, within=PATIENCE if published and host == "127.0.0.1" else 0)
    doors = [(address, outside) for bound in container.bindings().values() for address, outside in bound]
    if answer is None:
        raise stage.failed(
            f"Nobody answers on your {name} port, {how}.",
            expected=f"the kiosk, on port {port}",
            found=f"no answer; doors of the container {name}: {shown(doors)}",
            advice=f"front-desk has written down which ports are yours, and the kiosk listens on {INSIDE} inside.",
        )
    if answer.status != 200 or PAGE.encode() not in answer.body:
        raise stage.failed(
            f"Something answers on your {name} port, but it is not the kiosk.",
            expected=f"the kiosk's page, from the image {IMAGE}",
            found=f"status {answer.status}: {answer.body.decode('utf-8', 'replace')[:100]}",
        )
    return container


def shown(doors):
    return ", ".join(f"{address}:{outside}" for address, outside in doors) or "none"
