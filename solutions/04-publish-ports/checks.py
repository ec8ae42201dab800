"""Two copies of a web server on two ports: one for everyone, one for the host only."""

from grader import Exercise

exercise = Exercise(title="Two doors", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 30
IMAGE = "drydock-kiosk"
INSIDE = 8000
PAGE = "Kiosk: the penguins are open from nine to five.\n"
NOTED = "front-desk has written down your ports: the host's port comes first, then the one inside the container."


def ports_of(facts):
    """The public and the private port."""
    return facts.number("public port", 20000, 24999), facts.number("private port", 25000, 29999)


@exercise.setup
def situation(setup):
    """There is an image drydock-kiosk, and a container front-desk that has written down your two ports: read its log."""
    public, private = ports_of(setup.facts)
    setup.image(IMAGE, {"www/index.html": PAGE}, f'CMD ["httpd", "-f", "-p", "{INSIDE}", "-h", "/www"]', f"EXPOSE {INSIDE}")
    said = f"The public kiosk: port {public}, for everybody.\nThe private kiosk: port {private}, for this machine only.\n"
    setup.docker("run", "--name", "front-desk", "busybox", "printf", "%s", said)


@exercise.check(
    points=1,
    hint=("A server runs until somebody stops it. Which option of docker run gives you the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "The column PORTS of docker ps shows which port leads where. Is the one that front-desk wrote down among them?",
        "The order is from outside to inside: first the host's port, then the one that the program listens on.",
        "An address in front of the two ports says who can get in. Without one, everyone can.",
    ),
    read="One port",
)
def public_is_open_to_everybody(sandbox):
    """The container public answers on its port, at localhost and at the host's address in its network."""
    port, _ = ports_of(sandbox.facts)
    kiosk(sandbox, "public", port).expect_page(PAGE, port, neighbour=True)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "The column PORTS of docker ps shows at which address each port is open. 0.0.0.0 means all addresses.",
        "The address in front of the two ports says at which of the host's addresses the port is open. Every host calls itself "
        "127.0.0.1.",
        "Each option that publishes a port opens another door. Closing one does not help while another is open.",
    ),
    read="Who may come in?",
)
def private_is_for_this_machine_only(sandbox):
    """The container private answers on its port, at 127.0.0.1 and nowhere else."""
    _, port = ports_of(sandbox.facts)
    kiosk(sandbox, "private", port).expect_for_this_machine_only(port)


# The last one: it ends the public kiosk.
@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "We stopped the container public, and looked at which ports then went silent. Each copy needs a port of its own.",
        "Two ports of one container are two doors to the same room. How many servers are running? docker ps lists them.",
    ),
    read="Several ports",
)
def there_are_two_copies(sandbox):
    """Each port leads to a copy that needs no other: when public stops, its port goes silent, and private still answers."""
    ports = ports_of(sandbox.facts)
    public, private = (sandbox.container(name).expect_running() for name in ("public", "private"))
    public.expect_page(PAGE, ports[0], alone=True, advice=NOTED)
    private.expect_page(PAGE, ports[1], alone=True, advice=NOTED)
    public.stop().expect_silent(ports[0])
    private.expect_page(PAGE, ports[1], message="We stopped the container public, and the private kiosk went with it.")


def kiosk(sandbox, name, port):
    """A container that runs, from the kiosk's image, and answers on its port, asked from the machine itself."""
    return sandbox.container(name).expect_running().expect_from(IMAGE).expect_page(PAGE, port, advice=NOTED)
