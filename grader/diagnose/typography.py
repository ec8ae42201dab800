"""Characters that look like a space, a quote or a dash, and are none: web pages and word processors put them into text."""

import re
from typing import Final

_NAMES: Final = {
    "\u00a0": "a no-break space",
    "\u2007": "a figure space",
    "\u202f": "a narrow no-break space",
    "\u200b": "a zero-width space",
    "\u2060": "a word joiner",
    "\ufeff": "a byte-order mark",
    **dict.fromkeys("\u201c\u201d\u201e\u2018\u2019", "a curly quote"),
    **dict.fromkeys("\u00ab\u00bb", "an angle quote"),
    **dict.fromkeys("\u2013\u2014", "a long dash"),
}
_PLAIN: Final = {"quote": "a straight quote, \" or '", "dash": "a hyphen, -", "space": "an ordinary space"}
_ODD: Final = re.compile(
    "[\u00a0\u2007\u202f\u200b\u2060\ufeff]"
    "|(?:^|(?<=[\\s\\[,=(:]))[\u201c\u201d\u201e\u2018\u2019\u00ab]"  # where a quotation begins, not within a text
    "|(?<=\\s)[\u2013\u2014]+(?=\\w)"  # where an option begins
)


def advice(text: str, *, name: str = "") -> str:
    """Name the first of them in a text, outside of comments; empty where there is none.

    Args:
        text: of a file in which ``#`` begins a comment: YAML, a Dockerfile, a shell script, a file of settings.
        name: of the file, for the sentence.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        if odd := _ODD.search(re.sub(r"\s#.*", "", line)):
            what = _NAMES[odd[0][0]]
            plain = next((text for word, text in _PLAIN.items() if what.endswith(word)), "nothing")
            where = f"Line {number}" + (f" of {name}" if name else "")
            return (
                f"{where} holds {what} (U+{ord(odd[0][0]):04X}) where {plain} should be: text from a web page or a word "
                "processor brings it along. Type that line again."
            )
    return ""
