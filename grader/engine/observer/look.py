"""Asking the engine for its state: all of it, or what is outdated."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import docker
from docker.errors import NotFound

from grader.engine.inspect import ContainerInfo, NetworkInfo, VolumeInfo
from grader.engine.observer.events import Outdated
from grader.engine.observer.snapshot import ImageRow, Snapshot
from grader.engine.ownership import LABEL

Row = Mapping[str, Any]
_UNNAMED: Final = "com.docker.volume.anonymous"
"""A label of the engine's."""


def look(client: docker.DockerClient, known: Snapshot, outdated: Outdated) -> Snapshot:
    """The engine's state, as far as it is outdated; the rest is taken as it is known.

    Args:
        client: of the engine.
        known: the state before.
        outdated: what of it.
    """
    api, all_of_it = client.api, outdated.everything
    ids: Iterable[str] = outdated.containers - {""}
    if all_of_it:
        ids = [one["Id"] for one in _foreign(api.containers(all=True))]
    containers = {} if all_of_it else dict(known.containers)
    for identity in ids:
        try:
            about = ContainerInfo.parse(api.inspect_container(identity))
        except NotFound:  # gone by now; what an event says of its end comes behind
            containers.pop(identity, None)
            continue
        if LABEL not in about.config.labels:
            containers[identity] = about
    networks, volumes, images = known.networks, known.volumes, known.images
    if all_of_it or outdated.networks:
        networks = {one["Id"]: NetworkInfo.parse(one) for one in _foreign(api.networks())}
    if all_of_it or outdated.volumes:
        rows, ours = _foreign(api.volumes().get("Volumes") or ()), _mounted_by_ours(api)
        volumes = {one["Name"]: VolumeInfo.parse(one) for one in rows if not (_is_unnamed(one) and one["Name"] in ours)}
    if all_of_it or outdated.images:
        images = {one["Id"]: ImageRow.parse(one) for one in _foreign(api.images())}
    return replace(known, containers=containers, networks=networks, volumes=volumes, images=images, seen=known.seen + 1)


def _mounted_by_ours(api: docker.APIClient) -> set[str]:
    """The volumes that containers of the grader's own runs mount: unnamed ones have no label that says whose they are."""
    containers = api.containers(all=True, filters={"label": LABEL})
    return {mount.get("Name") or "" for one in containers for mount in one.get("Mounts") or ()}


def _is_unnamed(volume: Row) -> bool:
    return _UNNAMED in (volume.get("Labels") or {})


def _foreign(rows: Iterable[Row]) -> list[Row]:
    """Without those of the grader's own runs."""
    return [one for one in rows if LABEL not in (one.get("Labels") or {})]
