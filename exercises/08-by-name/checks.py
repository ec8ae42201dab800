"""A network of one's own: those who are on it find each other by name, and nobody else gets in."""

from grader import Exercise

exercise = Exercise(title="Found by name", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE = "drydock-penguins"
PORT = 8000
# How long a neighbour waits for an answer. A way that exists takes milliseconds.
PATIENCE = 4
LISTENING = 8
NO_DNS = "A line in /etc/hosts (--link, --add-host) is no DNS: it stays when the server gets another address."
WAITS = ("sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait")


def page_of(facts):
    """What the server answers."""
    return f"Penguins are in: {facts.word('page')}\n"


@exercise.setup
def situation(setup):
    """Three containers run on the default network: penguins, a small web server, and two others, notebook and visitor."""
    setup.image(IMAGE, {"www/index.html": page_of(setup.facts)}, f'CMD ["httpd", "-f", "-p", "{PORT}", "-h", "/www"]')
    setup.docker("run", "--detach", "--name", "penguins", IMAGE)
    for name in ("notebook", "visitor"):
        setup.docker("run", "--detach", "--name", name, "busybox", *WAITS)


@exercise.check(
    points=1,
    hint=("A server runs until somebody ends it. Which option of docker run gives the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    stage = work.run_script(setup=situation, seconds=SECONDS)
    stage.page = page_of(work.facts)
    return stage


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "On the default network containers have no names for each other. On one that you have made, they have.",
        "A running container can be given a further network; or it is removed, and a new one starts on the network.",
    ),
    read="A network of your own",
)
def notebook_finds_it_by_name(stage):
    """From inside of notebook the web server answers under the name penguins, which Docker's own DNS knows."""
    stage.container("penguins").expect_running()
    notebook = stage.container("notebook").expect_running()
    addresses = notebook.finds("penguins")
    if not addresses:
        raise stage.failed(
            "From inside of notebook, Docker's DNS does not know the name penguins.",
            expected="an address of penguins, when notebook asks for that name",
            found=f"no address; {where(stage, 'notebook', 'penguins')}",
            advice=stage.advice() or why_no_name(stage, notebook),
        )
    for address in addresses:
        answer = notebook.asks(f"http://{address}:{PORT}/", seconds=PATIENCE, within=LISTENING)
        if answer is not None and stage.page.strip() in answer:
            stage.container("penguins").expect_from(IMAGE)
            return stage, {*addresses, *stage.container("penguins").addresses()}
    raise stage.failed(
        "The name penguins is known in notebook, but the web server does not answer there.",
        expected=f"the page of {IMAGE}, at http://penguins:{PORT}/",
        found=f"{'no page' if answer is None else f'another page: {answer[:100]}'}; penguins is made from the image "
        f"{stage.container('penguins').about['Config']['Image']}",
    )


@exercise.check(
    notebook_finds_it_by_name,
    points=3,
    hint=(
        "We asked from inside of visitor, by all addresses that the server has.",
        "A container that is given a new network keeps those that it had. Whoever is on one of them gets in.",
        "A network can be taken away from a running container, too.",
    ),
    read="Two networks: who reaches whom",
)
def the_visitor_cannot_reach_it(server):
    """From inside of visitor, which is on another network, the web server cannot be reached, at none of its addresses."""
    stage, addresses = server
    visitor = stage.container("visitor").expect_running()
    if not visitor.addresses():
        raise stage.failed(
            "The container visitor is on no network at all: it cannot reach anybody.",
            expected="visitor on a network, only not on that of penguins",
            found=where(stage, "visitor"),
        )
    for address in sorted(addresses):
        answer = visitor.asks(f"http://{address}:{PORT}/", seconds=PATIENCE)
        if answer is not None:
            raise stage.failed(
                "The container visitor reaches the web server.",
                expected="no answer, at none of the addresses of penguins",
                found=f"an answer at {address}; {where(stage, 'visitor', 'penguins')}",
                advice=f"Both are on the network {' and '.join(both)}."
                if (both := shared(stage, "visitor", "penguins"))
                else "",
            )


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker ps has a column PORTS. An arrow in it is a door for everybody, also for those who are not on the network.",
        "Containers on one network reach each other's ports without anything being published.",
    ),
    read="Which port?",
)
def no_port_is_published(stage):
    """The web server has no published port."""
    doors = sorted({outside for bound in stage.container("penguins").bindings().values() for _address, outside in bound})
    if doors:
        raise stage.failed(
            "The web server penguins has a published port.",
            expected="no published port: its neighbours need none",
            found=f"port {' and port '.join(map(str, doors))} of the machine leads to it",
        )


def where(stage, *names):
    """On which networks containers are, in words."""
    networks = {name: sorted(stage.container(name).networks()) for name in names}
    return "; ".join(f"{name} is on {' and '.join(found) or 'no network'}" for name, found in networks.items())


def shared(stage, one, other):
    """Networks that both are on."""
    return sorted(stage.container(one).networks().keys() & stage.container(other).networks().keys())


def why_no_name(stage, notebook):
    """Why a name is not known, by what is in /etc/hosts and by who is where."""
    if "penguins" in notebook.beside("cat", "/etc/hosts").stdout:
        return NO_DNS
    both = shared(stage, "notebook", "penguins")
    if not both:
        return "The two are on no network together."
    return "On bridge, the default network, nobody answers for names." if both == ["bridge"] else ""
