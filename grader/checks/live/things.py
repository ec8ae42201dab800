"""Volumes, networks and images on the learner's engine, and what a drill may expect of them."""

from typing import Self

from grader.checks.live.view import View
from grader.engine.inspect import ImageInfo, NetworkInfo, VolumeInfo
from grader.engine.observer import ImageRow
from grader.values.errors import CheckFailed
from grader.values.units import MB


class LiveVolume:
    """A volume that is there."""

    def __init__(self, view: View, about: VolumeInfo) -> None:
        self._view, self.about = view, about

    def expect_unused(self) -> Self:
        """No container has it mounted."""
        if users := [one.name for one in self._view.now.mounting(self.about.name)]:
            raise CheckFailed(f"The volume {self.about.name} is mounted in {' and '.join(users)}.")
        return self


class LiveNetwork:
    """A network that is there."""

    def __init__(self, view: View, about: NetworkInfo) -> None:
        self._view, self.about = view, about

    def expect_members(self, *names: str) -> Self:
        """These containers belong to it, and no others."""
        wanted = {self._view.name(one) for one in names}
        found = {one.name for one in self._view.now.members(self.about.name)}
        if missing := sorted(wanted - found):
            raise CheckFailed(f"{' and '.join(missing)} is not on the network {self.about.name}.")
        if extra := sorted(found - wanted):
            raise CheckFailed(f"{' and '.join(extra)} is on the network {self.about.name}, too.")
        return self


class LiveImage:
    """An image that is there."""

    def __init__(self, view: View, row: ImageRow, name: str) -> None:
        self._view, self.row, self.name = view, row, name

    @property
    def about(self) -> ImageInfo:
        """What it says of itself.

        Raises:
            CheckFailed: it has just gone.
        """
        about = self._view.ask.image(self.row.id)
        if about is None:
            raise CheckFailed(f"The image {self.name} is gone.")
        return about

    def expect_is(self, given: str) -> Self:
        """It is an image that was there at the beginning, whatever it is called now.

        Args:
            given: what that one was called.
        """
        given = self._view.name(given)
        if self._view.before.images.get(given) != self.row.id:
            raise CheckFailed(f"{self.name} is another image than the one that was called {given}.")
        return self

    def expect_workdir(self, folder: str) -> Self:
        """Its containers begin in a folder."""
        if self.about.config.workdir.rstrip("/") != folder.rstrip("/"):
            raise CheckFailed(f"The working folder of {self.name} is {self.about.config.workdir or '/'}, and not {folder}.")
        return self

    def expect_user(self, user: str) -> Self:
        """Its containers run as a user."""
        if self.about.config.user != user:
            raise CheckFailed(f"The user of {self.name} is {self.about.config.user or 'root'}, and not {user}.")
        return self

    def expect_env(self, variable: str, value: str) -> Self:
        """It sets a variable."""
        value, found = self._view.name(value), self.about.config.env.get(variable)
        if found != value:
            has = f"is “{found}”" if found is not None else "is not set"
            raise CheckFailed(f"In the image {self.name}, {variable} {has}; it should be “{value}”.")
        return self

    def expect_label(self, label: str, value: str) -> Self:
        """It has a label."""
        value, found = self._view.name(value), self.about.config.labels.get(label)
        if found != value:
            has = f"is “{found}”" if found is not None else "is missing"
            raise CheckFailed(f"The label {label} of {self.name} {has}; it should be “{value}”.")
        return self

    def expect_built_on(self, base: str) -> Self:
        """Its layers begin with all those of another image."""
        below = self._layers(base)
        if self.about.layers[: len(below)] != below:
            raise CheckFailed(f"The image {self.name} is not built on {base}.")
        return self

    def expect_not_built_on(self, base: str) -> Self:
        """It has none of the layers of another image."""
        if set(self.about.layers) & set(self._layers(base)):
            raise CheckFailed(f"The image {self.name} has the layers of {base} in it.")
        return self

    def expect_layers_above(self, base: str, number: int | None = None, *, at_least: int = 0) -> Self:
        """Above those of the image that it is built on, it has so many layers.

        Args:
            base: name of the other image.
            number: how many; None for any.
            at_least: the fewest.
        """
        found = len(self.expect_built_on(base).about.layers) - len(self._layers(base))
        if (number is not None and found != number) or found < at_least:
            wanted = f"at least {at_least}" if number is None else number
            raise CheckFailed(f"The image {self.name} has {_layers(found)} on top of {base}, and not {wanted}.")
        return self

    def expect_adds_at_most(self, size: int, *, base: str, named: str) -> Self:
        """It is not larger than the image that it is built on by more than so many bytes.

        Args:
            size: bytes.
            base: name of the other image.
            named: the size in words, e.g. ``1 MB``.
        """
        self.expect_built_on(base)
        below = self._view.now.image(base)
        added = self.row.size - (below.size if below else 0)
        if added > size:
            raise CheckFailed(f"The image {self.name} adds {added / MB:.0f} MB to {base}; at most {named} were asked for.")
        return self

    def expect_differs_in(self, number: int, *, other: str) -> Self:
        """It has so many layers that another image has not."""
        own = set(self.about.layers) - set(self._layers(other))
        if len(own) != number:
            more = f"{_layers(len(own))} that {self._view.name(other)} has not"
            raise CheckFailed(f"The image {self.name} has {more}; there should be {number or 'none'}.")
        return self

    def _layers(self, name: str) -> tuple[str, ...]:
        """The layers of another image, lowest first."""
        name = self._view.name(name)
        row = self._view.now.image(name)
        about = self._view.ask.image(row.id) if row else None
        if about is None:
            raise CheckFailed(f"There is no image {name} to compare {self.name} with.")
        return about.layers

    def expect_at_most(self, size: int, *, named: str) -> Self:
        """It is not larger than so many bytes.

        Args:
            size: bytes.
            named: the size in words, e.g. ``100 MB``.
        """
        if self.row.size > size:
            raise CheckFailed(f"The image {self.name} has {self.row.size / 1e6:.0f} MB; at most {named} were asked for.")
        return self


def _layers(number: int) -> str:
    return {0: "no layer", 1: "1 layer"}.get(number, f"{number} layers")
