"""A network of one's own: those who are on it find each other by name, and nobody else gets in."""

import secrets

from grader import Exercise

exercise = Exercise(title="Found by name", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE = "drydock-penguins"
PORT = 8000
WAITS = ("sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait")


def page_of(facts):
    """What the server answers."""
    return f"Penguins are in: {facts.word('page')}\n"


def new_page(sandbox):
    """Let the server answer something new: a copy of its page has it not, and neither has another server of its kind."""
    page = f"Penguins moved: {secrets.token_hex(8)}"
    return page if sandbox.container("penguins").put("/www/index.html", f"{page}\n") else page_of(sandbox.facts).strip()


@exercise.setup
def situation(setup):
    """Three containers run on the default network: penguins, a small web server, and two others, notebook and visitor."""
    setup.image(IMAGE, {"www/index.html": page_of(setup.facts)}, f'CMD ["httpd", "-f", "-p", "{PORT}", "-h", "/www"]')
    setup.docker("run", "--detach", "--name", "penguins", IMAGE)
    for name in ("notebook", "visitor"):
        setup.docker("run", "--detach", "--name", name, "busybox", *WAITS)


@exercise.check(
    points=1,
    hint=("A server runs until somebody stops it. Which option of docker run gives the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "On the default network, containers do not know each other's names. On a network that you made, they do.",
        "A running container can be put on another network as well. Or remove it, and start a new one on that network.",
    ),
    read="A network of your own",
)
def notebook_finds_it_by_name(sandbox):
    """From inside notebook the web server answers to the name penguins, which Docker's own DNS knows."""
    penguins = sandbox.container("penguins").expect_running()
    notebook = sandbox.container("notebook").expect_running()
    found = notebook.expect_finds("penguins")
    notebook.expect_reaches(penguins, PORT, page_of(sandbox.facts), at=found)
    penguins.expect_from(IMAGE)
    notebook.expect_reaches(penguins, PORT, new_page(sandbox), at=found)
    return sandbox


@exercise.check(
    notebook_finds_it_by_name,
    points=3,
    hint=(
        "We asked from inside visitor, at all addresses of the server and at every published port.",
        "A container that joins a new network stays on its old ones. Whoever is on one of them can still reach it.",
        "A running container can also be taken off a network.",
    ),
    read="Two networks: who reaches whom",
)
def the_visitor_cannot_reach_it(sandbox):
    """From inside visitor, which is on another network, the web server cannot be reached in any way."""
    visitor = sandbox.container("visitor").expect_running().expect_on_a_network()
    penguins = sandbox.container("penguins")
    addresses = {*sandbox.container("notebook").finds("penguins"), *penguins.addresses}
    visitor.expect_cannot_reach(penguins, PORT, at=sorted(addresses))
    visitor.expect_page_nowhere(new_page(sandbox), "penguins")


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker ps has a column PORTS. An arrow in it is a door for everybody, even for those who are not on the network.",
        "Containers on one network reach each other's ports without anything being published.",
    ),
    read="Which port?",
)
def no_port_is_published(sandbox):
    """No published port leads to the web server, neither one of its own nor another container's."""
    penguins = sandbox.container("penguins").expect_nothing_published()
    penguins.expect_page_at_no_published_port(new_page(sandbox))
