"""An image in a registry: its manifest, and what that names.

Digests are computed from the bytes that come, never taken from a header.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from grader.checks.http import Response

if TYPE_CHECKING:
    from grader.checks.registry.registry import Registry

_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    *_INDEXES,
)
"""Media types to ask for: a registry that is not told these may answer in a form of long ago."""
_SHOWN = len("sha256:") + 12


class RegistryImage:
    """What a tag of a repository stands for.

    Args:
        registry: where it is.
        repository: its name.
        tag: the tag, or a digest.
        answer: the registry's, with the manifest.
    """

    def __init__(self, registry: "Registry", repository: str, tag: str, answer: Response) -> None:
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.media_type = answer.headers.get("content-type", "")
        self.manifest: Mapping[str, Any] = answer.json()
        self._bytes = answer.body

    @property
    def name(self) -> str:
        """Its repository and tag."""
        return f"{self.repository}:{self.tag}"

    @property
    def digest(self) -> str:
        """The digest of its manifest."""
        return f"sha256:{hashlib.sha256(self._bytes).hexdigest()}"

    @property
    def short(self) -> str:
        """Its digest, as far as people compare it."""
        return self.digest[:_SHOWN]

    @property
    def is_index(self) -> bool:
        """Whether it is a list of images, one for each platform, and no image itself."""
        return self.media_type in _INDEXES

    @property
    def config(self) -> str:
        """The digest of its configuration; empty where it has none."""
        return str((self.manifest.get("config") or {}).get("digest", ""))

    @property
    def layers(self) -> tuple[str, ...]:
        """The digests of its layers as they are stored, compressed; the lowest first."""
        return tuple(str(one["digest"]) for one in self.manifest.get("layers") or ())

    @cached_property
    def unpacked_layers(self) -> tuple[str, ...]:
        """The digests of its layers as an engine names them, unpacked; the lowest first."""
        answer = self.registry.get(f"/v2/{self.repository}/blobs/{self.config}") if self.config else None
        return tuple(answer.json().get("rootfs", {}).get("diff_ids") or ()) if answer else ()

    def expect_is(self, given: str) -> Self:
        """It is an image that was there before the commands.

        Args:
            given: what that one was called.
        """
        wanted = self.registry.script.given[given]
        # An engine calls an image by its configuration's digest, or, with containerd's store, by its manifest's.
        if wanted.id not in {self.digest, self.config}:
            raise self.registry.script.failed(
                f"{self.name} in the registry is another image than the {given} that you were given.",
                expected=f"the image {given} as it was",
                found=self._what_else(given, wanted.layers),
            )
        return self

    def _what_else(self, given: str, layers: tuple[str, ...]) -> str:
        """What it is, as it is not the image that was given, with these layers."""
        if self.is_index:
            return "a list of images"
        if self.unpacked_layers == layers:
            return "an image with the same files and other settings"
        if self.unpacked_layers[: len(layers)] == layers:
            return f"an image that was made on top of {given}"
        return "an image with other files"

    def expect_complete(self) -> Self:
        """The registry has all that belongs to it, so that it can be pulled."""
        missing = [one for one in (self.config, *self.layers) if not self.registry.has(f"/v2/{self.repository}/blobs/{one}")]
        if missing:
            raise self.registry.script.failed(
                f"{self.name} is in the registry, but a part of it is missing there: it cannot be pulled.",
                expected="its manifest, its configuration and its layers",
                found=f"nothing for {' and '.join(one[:_SHOWN] for one in missing)}",
            )
        return self
