"""Pictures as data: fit for a page, whole in words and in a table, and never led astray by a name."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from subprocess import run
from xml.etree import ElementTree

import pytest

from grader.pictures import Picture, bars, builds, history, layers, left, stack, timeline
from grader.pictures.canvas import PALETTES, Theme
from grader.pictures.picture import columns, cut
from grader.values.events import BuildStep, ContainerObserved, EngineObserved, ImageBuilt, Layer, ServiceObserved, StackObserved
from tests.pictures.kit import HOSTILE, SVG, apart, cells, words

THEMES: tuple[Theme, ...] = ("light", "dark")
LONG = "a-name-that-goes-on-" * 20


@dataclass
class Attempt:
    at: str
    score: float
    max_score: float = 10
    full: bool = False


def image(*own: tuple[str, int], base: int = 77_000_000, **more: object) -> ImageBuilt:
    below = (Layer(command="", size=base), Layer(command="CMD sh", size=0)) if base else ()
    all_ = (*below, *(Layer(command=command, size=size) for command, size in own))
    return ImageBuilt(
        file="Dockerfile",
        layers=all_,
        size=sum(one.size for one in all_),
        base="debian:13-slim" if base else "",
        base_layers=len(below),
        **more,  # type: ignore[arg-type]
    )


def step(name: str, began: float = 0, took: float = 1, *, cached: bool = False, error: str = "") -> BuildStep:
    return BuildStep(name=name, cached=cached, started_s=began, duration_s=took, error=error)


def service(name: str, **more: object) -> ServiceObserved:
    return ServiceObserved(**{"image": "busybox", "state": "running", **more}, name=name)  # type: ignore[arg-type]


def container(name: str, **more: object) -> ContainerObserved:
    return ContainerObserved(**{"image": "busybox", "state": "running", **more}, name=name)  # type: ignore[arg-type]


def tries(*scores: float) -> list[Attempt]:
    return [Attempt(f"2026-11-24T{n % 24:02}:00:00+00:00", one, full=one == 10) for n, one in enumerate(scores)]


STACK = StackObserved(
    file="compose.yaml",
    services=(
        service(
            "api",
            image="built from .",
            health="starting",
            needs=(("db", "service_healthy"), ("train", "service_completed_successfully")),
            networks=("front", "back"),
        ),
        service("db", image="postgres:17", health="healthy", volumes=("data:/var/lib/postgresql/data",)),
        service("train", state="exited (3)"),
        service("web", state="created", ports=("8080:80/tcp",), needs=(("api", "service_started"),), replicas=2),
    ),
)
NO_NAME = "0123456789abcdef" * 4
LEFT = EngineObserved(
    containers=(
        container("note", state="exited (0)", given=True),
        container("public", networks=("bridge",), published=(("0.0.0.0", 20966, "8000"), ("172.17.0.1", 80, "80/udp"))),
        container(
            "private",
            health="starting",
            networks=("app", "bridge"),
            published=(("127.0.0.1", 28913, "8000"),),
            mounts=(("data", "/data", False, True), ("a folder", "/src", True, False), (NO_NAME, "/var", True, True)),
        ),
        container("db", state="exited (3)", networks=("app",), mounts=(("data", "/data", True, True),)),
    ),
    networks=("app", "unused"),
    volumes=(NO_NAME, "bare", "data"),
    images=("busybox:latest", "drydock-kiosk:latest"),
)
STEPS = (
    step("[3/3] RUN pip install numpy", 0.9, 7.3),
    step("[internal] load build definition from Dockerfile", 0, 0.01),
    step("[internal] load build context", 0.1, 0.4),
    step("[1/3] FROM docker.io/library/debian:13-slim", 0, 0, cached=True),
    step("[2/3] COPY . .", 0.2, 0, cached=True),
    step("exporting to image", 8.2, 0.3),
)
MANY: dict[str, Callable[[Theme], Picture]] = {
    "an image": lambda theme: layers(image(("RUN make", 3_000_000), ("USER 1", 0)), reference_size=70_000_000, theme=theme),
    "one layer": lambda theme: layers(image(("COPY a /", 5), base=0), theme=theme),
    "no layer": lambda theme: layers(image(base=0), theme=theme),
    "sixty layers": lambda theme: layers(image(*((f"RUN {LONG} {n}", n * n * 1000) for n in range(60))), theme=theme),
    "a large base": lambda theme: layers(image(("RUN x", 1), base=3_000_000_000), theme=theme),
    "hostile layers": lambda theme: layers(image(*((one, n) for n, one in enumerate(HOSTILE, 1))), theme=theme),
    "bars": lambda theme: bars("Sizes", {"small": 0.0, LONG: 122.94, "zero": 0}, "MB", theme=theme),
    "no bars": lambda theme: bars("Sizes", {}, "MB", theme=theme),
    "hostile bars": lambda theme: bars(HOSTILE[0], dict.fromkeys(HOSTILE, 1.0), "MB", theme=theme),
    "a build": lambda theme: timeline(STEPS, theme=theme),
    "no build": lambda theme: timeline((), theme=theme),
    "long builds": lambda theme: timeline({LONG: [step(f"[{n}/9] RUN {LONG}", n, 500) for n in range(9)]}, theme=theme),
    "hostile builds": lambda theme: timeline({one: [step(one, error=one)] for one in HOSTILE}, theme=theme),
    "a stack": lambda theme: stack(STACK, theme=theme),
    "no stack": lambda theme: stack(StackObserved(file="c", services=()), theme=theme),
    "one service": lambda theme: stack(StackObserved(file="c", services=(service("a"),)), theme=theme),
    "a circle": lambda theme: stack(
        StackObserved(file="c", services=(service("a", needs=(("b", "x"), ("a", "x"))), service("b", needs=(("a", "x"),)))),
        theme=theme,
    ),
    "twelve services": lambda theme: stack(
        StackObserved(
            file="c",
            services=tuple(
                service(
                    f"{n}-{LONG}",
                    image=f"{LONG}:1.2",
                    state=f"a state that nobody knows {LONG}",
                    health="unhealthy",
                    ports=tuple(f"{port}:80/tcp" for port in range(20)),
                    needs=tuple((f"{m}-{LONG}", LONG) for m in range(n)),
                    networks=(LONG,),
                    volumes=(LONG, LONG),
                    replicas=6,
                )
                for n in range(12)
            ),
        ),
        theme=theme,
    ),
    "hostile stack": lambda theme: stack(
        StackObserved(
            file="c",
            services=tuple(
                service(
                    one, image=one, state=one, health=one, ports=(one,), needs=((one, one),), networks=(one,), volumes=(one,)
                )
                for one in HOSTILE
            ),
        ),
        theme=theme,
    ),
    "what commands left": lambda theme: left(LEFT, theme=theme),
    "nothing left": lambda theme: left(EngineObserved(containers=()), theme=theme),
    "a crowd": lambda theme: left(
        EngineObserved(
            containers=tuple(
                container(
                    f"{n}-{LONG}",
                    image=LONG,
                    state=f"a state that nobody knows {LONG}",
                    health="unhealthy",
                    networks=tuple(f"{m}-{LONG}" for m in range(n)),
                    published=tuple((LONG, port, "80") for port in range(9)),
                    mounts=tuple((f"{m}-{LONG}", LONG, bool(m % 2), True) for m in range(n)),
                )
                for n in range(9)
            ),
            networks=tuple(f"{m}-{LONG}" for m in range(9)),
            volumes=tuple(f"{m}-{LONG}" for m in range(9)),
            images=(LONG,) * 9,
        ),
        theme=theme,
    ),
    "hostile commands": lambda theme: left(
        EngineObserved(
            containers=tuple(
                container(one, image=one, networks=(one,), published=((one, 1, one),), mounts=((one, one, True, True),))
                for one in HOSTILE
            ),
            networks=HOSTILE,
            volumes=HOSTILE,
            images=HOSTILE,
        ),
        theme=theme,
    ),
    "no try": lambda theme: history([], theme=theme),
    "one try": lambda theme: history(tries(3.5), theme=theme),
    "twelve tries": lambda theme: history(tries(*range(12)), theme=theme),
    "a hundred tries": lambda theme: history(tries(*(n % 11 for n in range(100))), theme=theme),
    "ten thousand tries": lambda theme: history(tries(*(n % 11 for n in range(10_000))), theme=theme),
    "tries at nothing": lambda theme: history([Attempt(HOSTILE[0], 0, 0, full=True), Attempt(HOSTILE[1], 5, 3)], theme=theme),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("of", MANY)
def test_each_is_fit_for_a_page(of: str, theme: Theme) -> None:
    picture = MANY[of](theme)
    assert words(picture) or of in {"no stack", "no bars"}
    if not of.startswith("hostile"):  # marks that turn or stack letters have no width to count on
        apart(picture)
    assert len(picture.svg) < 300_000


@pytest.mark.parametrize("of", ["hostile layers", "hostile builds", "hostile stack", "hostile commands", "hostile bars"])
def test_what_a_learner_names_is_text_and_nothing_else(of: str) -> None:
    picture = MANY[of]("light")
    shown = "\n".join(words(picture))
    for one in ("<script>alert(1)</script>", "$x_1$", "</svg><b>&amp;", "50% \\alpha_{", "中文 and 🐧"):
        assert one in cells(picture)
        assert one in shown
    assert "\x1b" not in picture.svg
    assert "[31m" not in picture.svg
    assert "<script" not in picture.svg
    kinds = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(picture.svg).iter()}
    assert kinds <= {"svg", "title", "desc", "defs", "g", "path", "text", "use", "clipPath", "pattern", "rect"}


def test_steps_that_are_too_small_for_a_bar_are_shown_once_more_beside_each_other() -> None:
    small = words(layers(image(("RUN a", 900_000), ("COPY b /", 300_000), ("USER c", 0))))
    assert "your steps alone, enlarged" in small
    assert "1.2 MB" in small
    for own in ((("RUN a", 60_000_000), ("COPY b /", 300_000)), (("COPY b /", 300_000),), (("USER c", 0),)):
        assert "your steps alone, enlarged" not in words(layers(image(*own)))
    assert "your steps alone, enlarged" not in words(layers(image(("RUN a", 9), ("RUN b", 9), base=0)))  # nobody knows whose


def test_what_commands_left_says_who_may_come_in_and_leads_to_networks_and_volumes() -> None:
    picture = left(LEFT)
    shown = words(picture)
    own_first = ["db", "private", "public", "note (given)"]
    assert [one for one in shown if one in own_first] == own_first
    for text in (
        "0.0.0.0:20966 → 8000",
        "every address",
        "127.0.0.1:28913 → 8000",
        "this host only",
        "data at /data",
        "read-only",
        "✘ exited (3)",
        "✔ running",
        "network, 2 containers",
        "network, 0 containers",
        "volume, in 2 containers",
        "volume, not mounted",
        "0123456789ab (no name given)",
        "images: busybox:latest, drydock-kiosk:latest",
    ):
        assert text in shown
    heads = picture.svg.count('style="fill: ')
    alone = left(EngineObserved(containers=LEFT.containers)).svg.count('style="fill: ')
    assert heads >= alone + 5  # two arrows to app, two to data, one to the volume without a name
    assert picture.rows[1][:4] == ("container", "private", "running, health: starting", "busybox")
    assert "0.0.0.0:20966 → 8000 (every address), 172.17.0.1:80 → 80/udp (one address)" in cells(picture)
    assert picture.summary.startswith("4 containers, 2 of them running; 2 networks besides Docker's own; 3 volumes; published:")


def test_layers_say_what_each_step_added() -> None:
    picture = layers(
        image(("RUN pip install numpy", 41_300_000), ("COPY app.py .", 402), ("USER app", 0)), reference_size=99_000_000
    )
    shown = words(picture)
    for command, size in (
        ("FROM debian:13-slim", "77 MB"),
        ("RUN pip install numpy", "41.3 MB"),
        ("COPY app.py .", "402 bytes"),
        ("USER app", "0 bytes"),
        ("all layers", "118 MB"),
        ("the size of a solution", "99 MB"),
    ):
        assert command in shown
        assert any(line.endswith(size) for line in shown)
        assert (command, size) in picture.rows
    assert "your largest: 41.3 MB" in shown
    assert "77 MB of them in its base image debian:13-slim" in picture.summary
    assert "“RUN pip install numpy” with 41.3 MB; a solution has 99 MB." in picture.summary


def test_the_history_of_a_base_that_is_not_known_is_shown_step_by_step() -> None:
    built = ImageBuilt(file="Dockerfile", layers=(Layer(command="", size=7), Layer(command="CMD sh", size=0)), size=7)
    assert [row[0] for row in layers(built).rows] == ["(a step that the history does not tell)", "CMD sh", "all layers"]


def test_a_timeline_is_in_the_order_of_the_dockerfile_and_marks_the_cache() -> None:
    picture = timeline(STEPS)
    names = ["[internal] load build context", "[1/3] FROM debian:13-slim", "[2/3] COPY . .", "[3/3] RUN pip install numpy"]
    assert [row[0] for row in picture.rows] == [*names, "exporting to image"]
    assert [row[2] for row in picture.rows] == ["0.4 s", "from the cache", "from the cache", "7.3 s", "0.3 s"]
    shown = words(picture)
    assert [line for line in shown if line in {row[0] for row in picture.rows}] == [row[0] for row in picture.rows]
    assert shown.count("from the cache") == 2
    assert "7.3 s" in shown
    assert picture.summary == (
        "The build took 8.5 s; 2 of 5 steps came from the cache, and the longest was “[3/3] RUN pip install numpy” with 7.3 s."
    )


def test_a_timeline_says_which_step_failed() -> None:
    picture = timeline([step("[2/2] RUN false", 0, 1.2, error="exit code 1")])
    assert "✘ failed after 1.2 s" in words(picture)
    assert picture.rows[0][-1] == "failed after 1.2 s"
    assert "“[2/2] RUN false” failed" in picture.summary


def test_several_builds_stand_on_one_axis() -> None:
    first, again = image(steps=STEPS), image(steps=STEPS[3:5], changed=("report.py", "a", "b", "c", "d"))
    named = builds([first, again, first])
    assert list(named) == ["Dockerfile", "Dockerfile, after a change of report.py, a, b and 2 other files", "Dockerfile (2)"]
    picture = timeline(named)
    assert picture.head[0] == "build"
    assert {row[0] for row in picture.rows} == set(named)
    assert any(line.startswith("Dockerfile, after a change of report.py, a, b") for line in words(picture))


def test_a_stack_says_all_of_every_service() -> None:
    picture = stack(STACK)
    shown = "\n".join(words(picture))
    for one in STACK.services:
        facts = (one.name, one.image, *one.ports, *one.networks, *one.volumes, *(name for name, _ in one.needs))
        for fact in facts:
            assert fact in shown
            assert fact in cells(picture)
    for state in ("… running, health: starting", "✔ running, healthy", "✘ exited (3)", "○ created, not started"):
        assert state in shown
        assert state[2:] in cells(picture)
    assert "until healthy" in shown
    assert "until completed" in shown
    assert "db (service_healthy), train (service_completed_successfully)" in cells(picture)
    assert "web (2 containers)" in shown
    assert picture.summary == (
        "1 of 4 services run or have done their work (not web: created, not started; api: running, health: starting; "
        "train: exited (3)); they have 3 dependencies on one another; published: web (8080:80/tcp)."
    )


def test_a_service_stands_above_those_that_it_waits_for() -> None:
    order = [row[0] for row in stack(STACK).rows]
    assert order.index("web") < order.index("api") < min(order.index("db"), order.index("train"))


def test_a_history_says_each_score() -> None:
    picture = history(tries(0, 2.5, 7, 10))
    shown = words(picture)
    for score in ("0", "2.5", "7", "10"):
        assert score in shown
    assert picture.rows[1] == ("2", "2026-11-24 01:00", "2.5 of 10", "no")
    assert picture.rows[3] == ("4", "2026-11-24 03:00", "10 of 10", "yes")
    assert picture.summary == "4 attempts: the last one 10 of 10 points; full marks first at attempt 4."


def test_points_that_changed_meanwhile_are_seen_as_a_share() -> None:
    picture = history([Attempt("2026-11-24T00:00:00+00:00", 5, 5, full=True), Attempt("2026-11-24T01:00:00+00:00", 8, 10)])
    assert picture.summary == "2 attempts: the last one 8 of 10 points; full marks first at attempt 1."


def test_ten_thousand_tries_are_drawn_and_listed_quickly() -> None:
    many = tries(*(n % 11 for n in range(10_000)))
    history(many[:2])  # matplotlib's own start is not what is measured
    begun = time.process_time()
    picture = history(many)
    assert time.process_time() - begun < 2
    assert len(picture.svg) < 60_000
    assert len(picture.rows) == 101
    assert picture.rows[0] == ("1 to 9900", "until 2026-11-24 11:00", "at best 10 of 10", "900 times")
    assert picture.rows[-1][0] == "10000"


def test_several_threads_draw_at_once() -> None:
    drawn: list[str] = []
    threads = [threading.Thread(target=lambda: drawn.append(stack(STACK).svg)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(drawn) == 4
    assert len(set(drawn)) == 1, "the same data make the same picture"


def test_two_pictures_of_a_page_share_no_names() -> None:
    def names(picture: Picture) -> set[str]:
        return {name for one in ElementTree.fromstring(picture.svg).iter() if (name := one.get("id"))}

    ours = names(layers(image(("RUN a", 1))))
    assert ours
    assert not ours & names(layers(image(("RUN b", 2))))


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", "#111418")])
def test_letters_stand_out_from_the_page(theme: Theme, page: str) -> None:
    palette = PALETTES[theme]
    for ground in (page, palette.box):
        for colour in (palette.text, palette.faint, palette.good, palette.bad, palette.wait):
            assert _contrast(colour, ground) >= 4.5, f"{colour} on {ground}"
        for colour in (palette.line, palette.own, palette.base):
            assert _contrast(colour, ground) >= 3, f"{colour} on {ground}"


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("text", [LONG, "short", "中文" * 60, "registry.example/" + LONG + ":1.2.3"])
@pytest.mark.parametrize("middle", [False, True])
@pytest.mark.parametrize("width", [1, 2, 9, 40])
def test_cut_text_has_room(text: str, middle: bool, width: int) -> None:
    assert columns(cut(text, width, middle=middle)) <= width


def test_an_images_tag_is_kept() -> None:
    assert cut(f"{LONG}:1.2.3", 20, middle=True).endswith(":1.2.3")


def test_the_command_line_never_loads_what_draws() -> None:
    code = (
        "import sys, grader.cli, grader.run.runner, grader.checks.work, grader.checks.compose.stack, grader.pictures\n"
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
