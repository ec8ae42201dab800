"""A network that a learner's commands left behind in the sandbox, and what to expect of it."""

from typing import Self

from grader.checks.sandbox.resource import SandboxResource
from grader.engine.inspect import NetworkInfo


class SandboxNetwork(SandboxResource[NetworkInfo]):
    """A network that the learner's commands left behind."""

    def expect_members(self, *names: str) -> Self:
        """These containers are on it, and no others.

        Args:
            names: of them.
        """
        missing, extra = sorted(set(names) - set(self.about.members)), sorted(set(self.about.members) - set(names))
        if missing or extra:
            which = f"{' and '.join(missing)} not on it" if missing else f"{' and '.join(extra)} on it, too"
            raise self._failed(
                f"The network {self.name} has other members than it should: {which}.",
                expected=f"{' and '.join(sorted(names)) or 'nobody'} on the network {self.name}",
                found=f"{' and '.join(self.about.members) or 'nobody'} on it",
            )
        return self
