"""Looks for texts in a stream of bytes, and in all that is packed or written out in base64 or hex inside of it.

Bounded: a few megabytes of memory however large the stream is; a budget for what comes out of packed things, shared by all that
is looked through together; and a depth. Who goes beyond is told so: what was not looked at is never said to be clean.
"""

from dataclasses import dataclass

from grader.engine.search import unpack
from grader.engine.search.runs import Decoded, Runs, decoders
from grader.engine.search.sought import Sought, flat
from grader.values import units
from grader.values.errors import LimitReached

DEPTH = 6
"""So often may a thing be packed in another; a droste archive has no end."""
_AT_ONCE = 32
"""So many packed things may overlap."""


@dataclass
class Budget:
    """What may come out of packed things.

    Attributes:
        size: bytes.
        begun: packed things, or what begins like one.
    """

    size: int = 2 * units.GB
    begun: int = 200_000

    def take(self, *, size: int = 0, begun: int = 0) -> None:
        """Use some of it.

        Raises:
            LimitReached: nothing is left.
        """
        self.size -= size
        self.begun -= begun
        if self.size < 0 or self.begun < 0:
            raise _too_much("at most 2 GB, unpacked, in all")


class Scanner:
    """Looks through one content.

    Args:
        sought: what is looked for.
        budget: shared with what else is looked through.
        depth: how often it is packed itself.
    """

    def __init__(self, sought: Sought, budget: Budget, depth: int = 0) -> None:
        self._sought = sought
        self._budget = budget
        self._depth = depth
        self._seen: dict[int, str] = {}
        self._text = b""
        self._raw = b""
        self._runs = Runs()
        self._packed: list[_Packed] = []
        self._run: list[_Written] = []
        self.found: tuple[str, ...] | None = None
        """How what is looked for stands there, from the outside in: nothing for plain, or e.g. zip, base64; None: not found."""

    def feed(self, data: bytes) -> bool:
        """Look at the next part; nothing more is looked at once it is found.

        Args:
            data: a megabyte or so.

        Returns:
            Whether it has been found.

        Raises:
            LimitReached: too much is packed in it, or too often.
        """
        if self.found is None:
            text = flat(data)
            self._look(text)
            self._unpack(data)
            self._write_out(text)
        return self.found is not None

    def _look(self, text: bytes) -> None:
        window = self._text + text
        for one in self._sought.needles:
            if one.of not in self._seen and one.data in window:
                self._seen[one.of] = one.how
        self._text = window[-self._sought.overlap :] if self._sought.overlap else b""
        if len(self._seen) >= self._sought.enough:
            self.found = tuple(dict.fromkeys(how for how in self._seen.values() if how))

    def _unpack(self, data: bytes) -> None:
        self._feed(self._packed, memoryview(data))
        raw = self._raw + data
        begun = ((kind, one) for kind, pattern in unpack.BEGINNINGS.items() for one in pattern.finditer(raw))
        for kind, match in begun:
            if match.end() > len(self._raw) and self.found is None:
                self._budget.take(begun=1)
                packed = _Packed(kind, self._sought, self._budget, self._depth + 1)
                self._feed([packed], memoryview(raw)[match.start() :])
                if not packed.ended:
                    self._packed.append(packed)
        self._raw = raw[1 - unpack.LONGEST :]
        self._packed = [one for one in self._packed if not one.ended]
        if len(self._packed) > _AT_ONCE:
            raise _too_much(f"at most {_AT_ONCE} at once")

    def _feed(self, packed: "list[_Packed]", data: memoryview) -> None:
        for one in packed:
            if self.found is None:
                self.found = one.feed(data)

    def _write_out(self, text: bytes) -> None:
        if self._depth == DEPTH:
            return
        for begins, letters in self._runs.found_in(text):
            if begins:
                self._run = [_Written(one, self._sought, self._budget, self._depth + 1) for one in decoders(letters)]
            for one in self._run:
                if self.found is None:
                    self.found = one.feed(letters)


class _Packed:
    """A packed thing inside of a content, and the look through it; most of what begins like one is none, and ends at once."""

    def __init__(self, kind: str, sought: Sought, budget: Budget, depth: int) -> None:
        self._kind = kind
        self._stream = unpack.begin(kind)
        self._budget = budget
        self._depth = depth
        self._inside = Scanner(sought, budget, depth)

    @property
    def ended(self) -> bool:
        return self._stream.ended

    def feed(self, data: memoryview) -> tuple[str, ...] | None:
        for piece in self._stream.unpacked(data):
            if self._depth > DEPTH:
                raise _too_much(f"packed at most {DEPTH} times")
            self._budget.take(size=len(piece))
            if self._inside.feed(piece):
                return (self._kind, *(self._inside.found or ()))
        return None


class _Written:
    """A run of letters that may stand for bytes, and the look through these."""

    def __init__(self, decoded: Decoded, sought: Sought, budget: Budget, depth: int) -> None:
        self._decoded = decoded
        self._budget = budget
        self._inside = Scanner(sought, budget, depth)

    def feed(self, letters: bytes) -> tuple[str, ...] | None:
        if self._decoded.ended:
            return None
        data = self._decoded.decoded(letters)
        self._budget.take(size=len(data))
        return (self._decoded.how, *(self._inside.found or ())) if data and self._inside.feed(data) else None


def _too_much(expected: str) -> LimitReached:
    return LimitReached(
        "There is more packed inside of the image's files than is looked through.", expected=expected, found="more than that"
    )
