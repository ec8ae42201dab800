"""Drawing by matplotlib, in pixels from the top left, and what makes its SVG fit for a page.

Text stays text: the reader's browser draws it, in a font of its own. So lengths are counted for DejaVu, which is as wide as
fonts get, and everything whose length is not known is monospaced and cut to a number of columns.
"""

import hashlib
import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from matplotlib.artist import Artist

Theme = Literal["light", "dark"]
Align = Literal["left", "center", "right"]

WIDTH: Final = 520.0
"""Pixels. Narrow, so that letters stay readable where a picture is shrunk into the column of a panel."""
SIZE: Final = 12.0
"""Of letters, in pixels."""
COLUMN: Final = SIZE * 0.6021
"""Width of a monospaced letter."""
MARGIN: Final = 8.0

_DRAWING = threading.Lock()  # matplotlib's settings, and Python's filter of warnings, are one for all threads
_ROOT = re.compile(r"<svg [^>]*>")
_NUMBERED = re.compile(r'<g id="[^"]*"')
_STYLE = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_WIDER = re.compile(r"font-family: 'DejaVu Sans( Mono)?', ")
_GENERIC = "stroke-linejoin: round; stroke-linecap: butt; max-width: 100%; height: auto"


@dataclass(frozen=True)
class Palette:
    """Colours that fit a theme; Okabe and Ito's, which colour-blind readers can tell apart, lighter on a dark page.

    Attributes:
        text: of letters.
        faint: of letters that say less.
        line: of axes and connections.
        grid: of lines that only guide the eye.
        box: behind text.
        base: what was there before the learner.
        own: what the learner made.
        good, bad, wait: readable as letters too.
    """

    text: str
    faint: str
    line: str
    grid: str
    box: str
    base: str
    own: str
    good: str
    bad: str
    wait: str


PALETTES: Final[dict[str, Palette]] = {
    "light": Palette(
        text="#1f2328",
        faint="#59636e",
        line="#6e7781",
        grid="#d1d9e0",
        box="#f6f8fa",
        base="#7a838d",
        own="#0072b2",
        good="#00694d",
        bad="#b34000",
        wait="#8a5a00",
    ),
    "dark": Palette(
        text="#e6edf3",
        faint="#a3acb6",
        line="#8b949e",
        grid="#3d444d",
        box="#262c36",
        base="#7d8590",
        own="#56b4e9",
        good="#3fcf9f",
        bad="#ff9a5c",
        wait="#e6b13d",
    ),
}


class Canvas:
    """An empty drawing.

    Args:
        height: pixels.
        theme: ``light`` or ``dark``: of the page that it stands on.
        width: pixels.
    """

    def __init__(self, height: float, theme: Theme, width: float = WIDTH) -> None:
        from matplotlib.figure import Figure  # noqa: PLC0415 - half a second, and not everybody has it

        self.width, self.height = width, height
        self.palette = PALETTES[theme]
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72)

    def _add(self, artist: "Artist") -> None:
        artist.set_transform(self._figure.dpi_scale_trans)
        artist.set_zorder(len(self._figure.get_children()))  # in the order of drawing
        self._figure.add_artist(artist, clip=False)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return x / 72, (self.height - y) / 72

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = "",
        align: Align = "left",
        mono: bool = False,
        bold: bool = False,
        size: float = SIZE,
    ) -> None:
        """Write a line; ``y`` is its base line."""
        from matplotlib.font_manager import FontProperties  # noqa: PLC0415
        from matplotlib.text import Text  # noqa: PLC0415

        font = FontProperties(family="monospace" if mono else "sans-serif", size=size, weight="bold" if bold else "normal")
        written = Text(
            *self._at(x, y),
            text=text,
            color=colour or self.palette.text,
            fontproperties=font,
            horizontalalignment=align,
            verticalalignment="baseline",
            parse_math=False,
        )
        self._add(written)

    def bar(self, x: float, y: float, width: float, height: float, colour: str, *, hatch: str = "") -> None:
        """Fill a rectangle; with a pattern, it is not told by its colour alone."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        self._add(
            Rectangle(
                self._at(x, y + height),
                width / 72,
                height / 72,
                facecolor="none" if hatch else colour,
                edgecolor=colour if hatch else "none",
                hatch=hatch or None,
                linewidth=1,
            )
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, dashed: bool = False) -> None:
        """Draw a box with round corners for text to stand in."""
        from matplotlib.patches import BoxStyle, FancyBboxPatch  # noqa: PLC0415

        self._add(
            FancyBboxPatch(
                self._at(x, y + height),
                width / 72,
                height / 72,
                boxstyle=BoxStyle.Round(pad=0, rounding_size=6 / 72),
                facecolor=self.palette.box,
                edgecolor=colour,
                linewidth=1.4,
                linestyle="dashed" if dashed else "solid",
            )
        )

    def line(
        self,
        points: "list[tuple[float, float]]",
        colour: str = "",
        *,
        width: float = 1.2,
        dashed: bool = False,
        marker: str = "",
        size: float = 6,
        joined: bool = True,
    ) -> None:
        """Draw a line through points, with a marker on each (matplotlib's letters), or the markers alone."""
        from matplotlib.lines import Line2D  # noqa: PLC0415

        xs, ys = zip(*(self._at(*point) for point in points), strict=True)
        style: Literal["none", "dashed", "solid"] = "none" if not joined else "dashed" if dashed else "solid"
        colour = colour or self.palette.line
        line = Line2D(xs, ys, color=colour, linewidth=width, linestyle=style, marker=marker or "None", markersize=size)
        line.set_markeredgewidth(0.8 if marker else 0)
        self._add(line)

    def area(self, points: "list[tuple[float, float]]", colour: str) -> None:
        """Fill what is inside a line, faintly."""
        from matplotlib.patches import Polygon  # noqa: PLC0415

        self._add(Polygon([self._at(*point) for point in points], facecolor=colour, alpha=0.3, edgecolor="none"))

    def arrow(self, points: "list[tuple[float, float]]", colour: str = "") -> None:
        """Draw a line with a head at its end."""
        self.line(points, colour)
        (x0, _), (x, y) = points[-2:]
        back = 7.0 if x0 > x else -7.0
        from matplotlib.patches import Polygon  # noqa: PLC0415

        head = [(x, y), (x + back, y - 4), (x + back, y + 4)]
        self._add(Polygon([self._at(*point) for point in head], facecolor=colour or self.palette.line, edgecolor="none"))

    def png(self) -> bytes:
        """The drawing as a PNG with twice its size in pixels, for screens that have them."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

        FigureCanvasAgg(self._figure)
        drawn = io.BytesIO()
        with self._settled({"hatch.linewidth": 1.4}):
            self._figure.savefig(drawn, format="png", dpi=144, facecolor=self.palette.box)
        return drawn.getvalue()

    @staticmethod
    @contextmanager
    def _settled(settings: dict[Any, Any]) -> Iterator[None]:
        import matplotlib  # noqa: PLC0415

        settings = {"font.monospace": ["DejaVu Sans Mono"], "font.sans-serif": ["DejaVu Sans"], **settings}
        with _DRAWING, matplotlib.rc_context(settings), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a letter that DejaVu lacks: the browser has it
            yield

    def svg(self, title: str, summary: str) -> str:
        """The drawing as an element of a page.

        Args:
            title: what it is of.
            summary: what it shows.
        """
        from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415

        FigureCanvasSVG(self._figure)
        # Names of patterns must differ between pictures of one page.
        mark = hashlib.sha256(f"{title} {summary}".encode()).hexdigest()[:12]
        settings: dict[Any, Any] = {
            "svg.fonttype": "none",
            "svg.hashsalt": mark,
            "hatch.linewidth": 1.4,
        }
        drawn = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        with self._settled(settings):
            self._figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
        return self._for_a_page(drawn.getvalue(), title, summary, mark)

    def _for_a_page(self, drawn: str, title: str, summary: str, mark: str) -> str:
        root = _ROOT.search(drawn)
        assert root is not None
        inside = _STYLE.sub("", drawn[root.end() :], count=1)  # it would hold for all of the page
        inside = _NUMBERED.sub("<g", inside)  # ids that every picture has
        inside = _WIDER.sub(
            lambda match: f"font-family: {'ui-monospace, ' if match[1] else 'system-ui, '}{match[0][13:]}", inside
        )
        named = f"drydock-picture-{mark}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
            f'aria-labelledby="{named}-title {named}-text" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}" style="{_GENERIC}">'
            f'<title id="{named}-title">{escape(title)}</title><desc id="{named}-text">{escape(summary)}</desc>{inside.strip()}'
        )
