"""The learner's engine as a drill's check sees it: the state now, what was there before, and what happened in between."""

from collections.abc import Mapping
from dataclasses import dataclass

from grader.checks.live.container import LiveContainer
from grader.checks.live.things import LiveImage, LiveNetwork, LiveVolume
from grader.checks.live.view import View
from grader.engine.observer import Snapshot
from grader.values.errors import CheckFailed


@dataclass(frozen=True)
class Lab:
    """What a drill's check is handed. Its nouns take the name under which something was drawn, or the thing's own.

    Attributes:
        view: the state, and all that is known beside it.
    """

    view: View

    @property
    def drawn(self) -> Mapping[str, str]:
        """What was drawn: name → value."""
        return self.view.drawn

    @property
    def snapshot(self) -> Snapshot:
        """The whole state."""
        return self.view.now

    def container(self, name: str, *, called: str = "") -> LiveContainer:
        """A container that should be there.

        Args:
            name: of it.
            called: how to speak of it while it is not there, where its name is for the learner to find out.
        """
        name = self.view.name(name)
        about = self.view.now.container(name)
        if about is None:
            raise self.view.missing("container", name, called)
        return LiveContainer(self.view, about)

    def volume(self, name: str, *, called: str = "") -> LiveVolume:
        """A volume that should be there; see ``container``."""
        name = self.view.name(name)
        about = self.view.now.volumes.get(name)
        if about is None:
            raise self.view.missing("volume", name, called)
        return LiveVolume(self.view, about)

    def network(self, name: str, *, called: str = "") -> LiveNetwork:
        """A network that should be there; see ``container``."""
        name = self.view.name(name)
        about = self.view.now.network(name)
        if about is None:
            raise self.view.missing("network", name, called)
        return LiveNetwork(self.view, about)

    def image(self, name: str, *, called: str = "") -> LiveImage:
        """An image that should be there, by its name and tag, e.g. ``{app}:1.0``; see ``container``."""
        name = self.view.name(name)
        about = self.view.now.image(name)
        if about is None:
            raise self.view.missing("image", name, called)
        return LiveImage(self.view, about, name)

    def expect_kept(self, image: str) -> "Lab":
        """An image that was there at the beginning is there, whatever it is called now."""
        image = self.view.name(image)
        if self.view.before.images.get(image) not in self.view.now.images:
            raise CheckFailed(f"The image that was called {image} is gone: it went with its last name.")
        return self

    def expect_gone(self, kind: str, *names: str) -> None:
        """Nothing of these names is there any more.

        Args:
            kind: ``container``, ``volume``, ``network`` or ``image``.
            names: of them.
        """
        now = self.view.now
        for name in map(self.view.name, names):
            if kind == "container" and (one := now.container(name)):
                raise CheckFailed(f"The container {name} is still there: {LiveContainer(self.view, one).how_it_is()}.")
            if kind == "volume" and name in now.volumes:
                users = ", ".join(one.name for one in now.mounting(name))
                raise CheckFailed(f"The volume {name} is still there{f'; {users} has it mounted' if users else ''}.")
            if kind == "network" and now.network(name):
                members = [one.name for one in now.members(name)]
                on_it = f"; {' and '.join(members)} {'is' if len(members) == 1 else 'are'} on it" if members else ""
                raise CheckFailed(f"The network {name} is still there{on_it}.")
            if kind == "image" and now.image(name):
                raise CheckFailed(f"The image {name} is still there.")
