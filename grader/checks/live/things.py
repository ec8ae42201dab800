"""Volumes, networks and images on the learner's engine, and what a drill may expect of them."""

from typing import Self

from grader.checks.live.view import View
from grader.engine.inspect import ImageInfo, NetworkInfo, VolumeInfo
from grader.engine.observer import ImageRow
from grader.values.errors import CheckFailed


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

    def expect_at_most(self, size: int, *, named: str) -> Self:
        """It is not larger than so many bytes.

        Args:
            size: bytes.
            named: the size in words, e.g. ``100 MB``.
        """
        if self.row.size > size:
            raise CheckFailed(f"The image {self.name} has {self.row.size / 1e6:.0f} MB; at most {named} were asked for.")
        return self
