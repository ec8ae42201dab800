"""The way of an image out of the engine and back from a registry, as the engine's events tell it."""

from typing import TYPE_CHECKING, Self

from grader.checks.registry import diary

if TYPE_CHECKING:
    from grader.checks.registry.registry import Repository


class RoundTrip:
    """What became of an image that was there before the commands.

    Args:
        repository: where it is to come back from.
        given: what the image was called before the commands.
    """

    def __init__(self, repository: "Repository", given: str) -> None:
        self.repository = repository
        self.script = repository.registry.script
        self.given = given
        self.identity = self.script.given[given].id
        self.events = diary.read(self.script)
        self.removals = [number for number, one in enumerate(self.events) if one.is_image("delete", self.identity)]
        self.pulls = [
            number for number, one in enumerate(self.events) if one.is_image("pull") and repository.is_named_by(one.id)
        ]

    def expect_pulled_back(self) -> Self:
        """It was removed under all its names, and is there again: pulled from the repository."""
        there = self.script.image_info(self.identity) is not None
        last = self.removals[-1] if self.removals else 0
        pulled = any(number > last for number in self.pulls)
        loaded = any(one.is_image("load", self.identity) for one in self.events[last:])
        if not self.removals:
            message = f"The image {self.given} was never removed from the engine."
            untagged = any(one.is_image("untag", self.identity) for one in self.events)
            advice = "A name was taken away, but the image had another one left." if untagged else ""
        elif not there:
            message = f"The image {self.given} was removed, and is not there {self.script.when}."
            if pulled:
                advice = "What was pulled from the registry is another image."
            elif any(number > self.removals[0] for number in self.pulls):
                advice = "It was there again, and one of your commands removed it once more."
            else:
                advice = "After it was removed, nothing has come from the registry."
        elif loaded or not pulled:
            message, advice = f"The image {self.given} is there again, but not from the registry.", ""
        else:
            return self
        raise self.script.failed(
            message,
            expected=f"{self.given} removed under all its names, then pulled from {self.repository.address}",
            found=diary.in_words(self.events, self.identity),
            advice=advice,
        )

    def expect_run(self) -> Self:
        """A container was made from what had been pulled back, and started."""
        back = next((number for number in self.pulls if self.removals and number > self.removals[0]), len(self.events))
        since = [number for number, one in enumerate(self.events) if number > back and one.is_container("create")]
        own = [number for number in since if self._was_made_from_it(number)]
        if any(self._started(number) for number in own):
            return self
        names = dict.fromkeys(self.events[number].name for number in since if self._started(number))
        ran_before = any(one.is_container("start") for one in self.events[:back])
        raise self.script.failed(
            "None of your commands has run the image that was pulled from the registry.",
            expected=f"a container made from {self.repository.address}, started after the pull",
            found=f"a container made from {self.events[own[0]].name}, and never started"
            if own
            else f"only containers made from {' and '.join(names)}"
            if names
            else "no container was started after the pull",
            advice="What ran before the pull shows nothing of what is in the registry." if ran_before and not own else "",
        )

    def _was_made_from_it(self, number: int) -> bool:
        name = self.events[number].name
        identity = diary.stood_for(self.script, self.events, number, name)
        # A name of the repository that stands for something else by now is believed: it was pulled from there.
        return identity == self.identity or (identity is None and self.repository.is_named_by(name))

    def _started(self, number: int) -> bool:
        return any(one.is_container("start", self.events[number].id) for one in self.events[number:])
