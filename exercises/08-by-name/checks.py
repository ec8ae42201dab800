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


@exercise.prepare
def situation(bench):
    """Three containers run on the default network: penguins, a small web server, and two others, notebook and visitor."""
    bench.image(IMAGE, {"www/index.html": page_of(bench.facts)}, f'CMD ["httpd", "-f", "-p", "{PORT}", "-h", "/www"]')
    bench.docker("run", "--detach", "--name", "penguins", IMAGE)
    for name in ("notebook", "visitor"):
        bench.docker("run", "--detach", "--name", name, "busybox", *WAITS)


@exercise.check(
    points=1,
    hint=(
        "Look at the last command in what you see above: it did not come back.",
        "A container that keeps running belongs in the background.",
    ),
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    stage = work.play(prepare=situation, seconds=SECONDS)
    stage.page = page_of(work.facts)
    return stage


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "We asked Docker's DNS from inside of notebook for the name penguins. On which networks are the two? docker inspect "
        "tells, below Networks.",
        "On the default network containers have no names for each other. On one that you have made, they have.",
        "A running container can be given a further network; or it is removed, and a new one starts on the network.",
    ),
)
def notebook_finds_it_by_name(stage):
    """From inside of notebook the web server answers under the name penguins, which Docker's own DNS knows."""
    stage.container("penguins").expect_running()
    notebook = stage.container("notebook").expect_running()
    addresses = notebook.finds("penguins")
    if not addresses:
        raise stage.failed(
            "Docker's DNS does not know the name penguins in the container notebook.",
            expected="an address for penguins, asked for in notebook",
            found=f"none; networks: {where(stage, 'notebook', 'penguins')}",
            advice=NO_DNS if "penguins" in notebook.beside("cat", "/etc/hosts").stdout else "",
        )
    for address in addresses:
        answer = notebook.asks(f"http://{address}:{PORT}/", seconds=PATIENCE, within=LISTENING)
        if answer is not None and stage.page.strip() in answer:
            return stage, {*addresses, *stage.container("penguins").addresses()}
    raise stage.failed(
        "The name penguins is known in notebook, but the web server does not answer there.",
        expected=f"its page, on port {PORT}",
        found="no answer" if answer is None else f"another page: {answer[:100]}",
    )


@exercise.check(
    notebook_finds_it_by_name,
    points=3,
    hint=(
        "We asked from inside of visitor, by the addresses that the server has. On how many networks is it?",
        "A container that is given a new network keeps those that it had. Whoever is on one of them gets in.",
        "A network can be taken away from a running container, too.",
    ),
)
def the_visitor_cannot_reach_it(server):
    """From inside of visitor, which is on another network, the web server cannot be reached, at none of its addresses."""
    stage, addresses = server
    visitor = stage.container("visitor").expect_running()
    if not visitor.addresses():
        raise stage.failed(
            "The container visitor is on no network at all: it cannot reach anybody.",
            expected="visitor on a network, only not on that of penguins",
            found=f"networks: {where(stage, 'visitor')}",
        )
    for address in sorted(addresses):
        answer = visitor.asks(f"http://{address}:{PORT}/", seconds=PATIENCE)
        if answer is not None:
            raise stage.failed(
                "The container visitor reaches the web server.",
                expected="no way from visitor to penguins",
                found=f"an answer at {address}; networks: {where(stage, 'visitor', 'penguins')}",
            )


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker ps has a column PORTS. An arrow in it is a door for everybody, also for those who are not on the network.",
        "Containers on one network reach each other's ports without anything being published.",
    ),
)
def no_port_is_published(stage):
    """The web server has no published port."""
    doors = [f"{one[0]}:{one[1]}" for bound in stage.container("penguins").bindings().values() for one in bound]
    if doors:
        raise stage.failed("The web server has a published port.", expected="no published port", found=", ".join(doors))


def where(stage, *names):
    return "; ".join(f"{name} on {', '.join(stage.container(name).networks()) or 'none'}" for name in names)
