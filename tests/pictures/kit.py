"""What a picture must hold, whatever it is of."""

import re
from xml.etree import ElementTree

from grader.pictures import Picture

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<script>alert(1)</script>", "$x_1$", "</svg><b>&amp;", "\x1b[31mred\x1b[0m", "50% \\alpha_{", "中文 and 🐧")
COLUMN = 12 * 0.6021


def texts(picture: Picture) -> list[ElementTree.Element]:
    """The letters of a picture; fails where it is not fit for a page."""
    root = ElementTree.fromstring(picture.svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, said = root[0], root[1]
    assert (title.tag, title.text, said.text) == (f"{SVG}title", picture.title, picture.summary)
    assert root.get("aria-labelledby") == f"{title.get('id')} {said.get('id')}"
    assert not list(root.iter(f"{SVG}style")), "it would hold for the whole page"
    assert not list(root.iter(f"{SVG}script"))
    assert all(len(row) == len(picture.head) for row in picture.rows)
    assert "\n" not in picture.summary
    assert picture.summary.endswith(".")
    return list(root.iter(f"{SVG}text"))


def words(picture: Picture) -> list[str]:
    """Each line of letters in a picture."""
    return ["".join(one.itertext()) for one in texts(picture)]


def apart(picture: Picture) -> None:
    """No letters on other letters, and none outside; in a font as wide as fonts get."""
    root = ElementTree.fromstring(picture.svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    taken: list[tuple[float, float, float, str]] = []
    for one in texts(picture):
        style, text = one.get("style", ""), "".join(one.itertext())
        letter = float(re.findall(r"font-size: ([\d.]+)px", style)[0]) * (0.6021 if "mono" in style else 0.55)
        long = sum(2 if ord(each) > 0x2E80 else 1 for each in text) * letter
        x, y = float(one.get("x", 0)), float(one.get("y", 0))
        x -= long if "text-anchor: end" in style else long / 2 if "text-anchor: middle" in style else 0
        assert x >= -12
        assert x + long <= width + 12, text
        assert 8 <= y <= height - 1, text
        for left, right, line, other in taken:
            assert abs(line - y) >= 10 or x >= right - 2 or x + long <= left + 2, f"{text!r} stands on {other!r}"
        taken.append((x, x + long, y, text))


def cells(picture: Picture) -> str:
    """All that the table holds."""
    return "\n".join("\t".join(row) for row in picture.rows)
