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


@exercise.setup
def situation(setup):
    """There is an image drydock-kiosk, and a container front-desk that has written down your two ports: read its log."""
    public, private = ports_of(setup.facts)
    setup.image(IMAGE, {"www/index.html": PAGE}, f'CMD ["httpd", "-f", "-p", "{INSIDE}", "-h", "/www"]', f"EXPOSE {INSIDE}")
    said = f"The public kiosk: port {public}, for everybody.\nThe private kiosk: port {private}, for this machine only.\n"
    setup.docker("run", "--name", "front-desk", "busybox", "printf", "%s", said)


@exercise.check(
    points=1,
    hint=("A server runs until somebody ends it. Which option of docker run gives the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    stage = work.run_script(setup=situation, seconds=SECONDS)
    stage.ports = ports_of(work.facts)
    return stage


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker ps shows in the column PORTS which port leads where. Is the one there that front-desk has written down?",
        "The order is from outside to inside: first the port of the machine, then that on which the program listens.",
        "An address in front of the two ports says who may come in. Without one, everybody may.",
    ),
    read="One port",
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
        "docker ps shows in the column PORTS at which address each port is open. 0.0.0.0 stands for all addresses.",
        "The address in front of the two ports says on which address of the machine the port is. This machine calls itself "
        "127.0.0.1.",
        "Each option that publishes a port opens a door of its own. One closed door is no help where another is open.",
    ),
    read="Who may come in?",
)
def private_is_for_this_machine_only(stage):
    """The container private answers on its port, on 127.0.0.1 and nowhere else."""
    port = stage.ports[1]
    private = expect_kiosk(stage, "private", port, "127.0.0.1", "asked from this machine")
    doors = doors_of(private)
    for one in sorted({port, *(outside for _address, outside, _inside in doors)}):
        if stage.http(one, host=stage.network_address) is not None:
            raise stage.failed(
                "The private kiosk answers others as well: we asked by the address that the machine has in its network.",
                expected=f"no answer on port {one}, except on 127.0.0.1",
                found=f"an answer on port {one}; private has published {shown(doors)}",
                advice=""
                if any(outside == one for _address, outside, _inside in doors)
                else "Another container has this port.",
            )
    if open_doors := [one for one in doors if not one[0].startswith("127.") and one[0] != "::1"]:
        raise stage.failed(
            "The private kiosk has published a port on an address that others can reach.",
            expected=f"ports on 127.0.0.1 only, such as 127.0.0.1:{port}",
            found=shown(open_doors),
        )


# The last one: it ends the public kiosk.
@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "We ended the container public, and looked which ports were silent then. Each copy needs a port of its own.",
        "Two ports of one container are two doors to the same room. How many servers run? docker ps counts them.",
    ),
    read="Several ports",
)
def there_are_two_copies(stage):
    """Each port leads to a copy of its own: when public ends, its port is silent, and that of private still answers."""
    for name in ("public", "private"):
        stage.container(name).expect_running()
    public, private = stage.ports
    for port in stage.ports:
        if stage.http(port, host="127.0.0.1", within=1) is None:
            raise stage.failed(
                f"Nobody answers on port {port}, so there are no two kiosks to be told apart.",
                expected=f"a kiosk on port {public} and another one on port {private}",
                found=f"no answer on port {port}",
            )
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
    container = stage.container(name).expect_running().expect_from(IMAGE)
    published = stage.docker("ps", "--quiet", "--filter", f"publish={port}").stdout.strip()
    answer = stage.http(port, host=host, within=PATIENCE if published and host == "127.0.0.1" else 0)
    if answer is None:
        doors = doors_of(container)
        raise stage.failed(
            f"Nobody answers on your {name} port, {how}.",
            expected=f"the kiosk, on port {port}",
            found=f"no answer; {name} has published {shown(doors)}",
            advice=stage.advice() or why_silent(doors, port, host),
        )
    if answer.status != 200 or PAGE.encode() not in answer.body:
        raise stage.failed(
            f"Something answers on your {name} port, but it is not the kiosk.",
            expected=f"the kiosk's page, from the image {IMAGE}",
            found=f"status {answer.status}: {answer.body.decode('utf-8', 'replace')[:100]}",
        )
    return container


def doors_of(container):
    """A container's published ports: address and port outside, port inside."""
    return [(*outside, inside) for inside, bound in container.bindings().items() for outside in bound]


def why_silent(doors, port, host):
    """Why nobody answers on a port of an address, by what is published."""
    if not doors:
        return "From outside, only those ports of a container can be reached that are published."
    right = [one for one in doors if one[1] == port]
    if not right:
        return "front-desk has written down which ports are yours: the port of the machine comes first, then that inside."
    if all(inside != INSIDE for _address, _outside, inside in right):
        return f"The kiosk listens on port {INSIDE} inside of its container; look where your port leads."
    if host != "127.0.0.1" and all(address.startswith("127.") for address, _outside, _inside in right):
        return "On 127.0.0.1 a port is open to this machine alone."
    return "The way in is open, so look at the program: on which address does it listen inside of its container?"


def shown(doors):
    # What is open on all addresses is listed twice, for IPv4 and for IPv6.
    once = [one for one in doors if one[0] != "::" or ("0.0.0.0", *one[1:]) not in doors]  # noqa: S104
    return ", ".join(f"{address}:{outside} → {inside} inside" for address, outside, inside in once) or "no port"
