"""The docker client's own folder as a run uses it: all that is in it, without the proxies that it gives to containers."""

import json
from pathlib import Path

from grader import settings
from grader.engine import endpoint
from grader.engine.session import Session


class ClientFolder:
    """What a command is told that makes containers: those of a check are started without a client, and so without proxies.

    Args:
        session: the run; the folder goes with it.

    Attributes:
        env: variables for such a command; empty where there are no proxies.
    """

    def __init__(self, session: Session) -> None:
        self.env: dict[str, str] = {}
        if session.place is None and endpoint.proxies():
            self.env = {
                "DOCKER_CONFIG": str(_without_proxies(settings.docker_client_folder(), session.folder / "docker-client"))
            }


def _without_proxies(own: Path, made: Path) -> Path:
    made.mkdir()
    for one in own.iterdir():
        if one.name != "config.json":
            (made / one.name).symlink_to(one.absolute())
    about = json.loads((own / "config.json").read_text(encoding="utf-8"))
    about.pop("proxies")
    (made / "config.json").write_text(json.dumps(about), encoding="utf-8")
    return made
