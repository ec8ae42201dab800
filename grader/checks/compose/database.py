"""The PostgreSQL database of a stack: what is really in it, and which ports of the machine lead to it."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from grader.engine import containers, images, wait
from grader.engine.session import Session
from grader.values.errors import CheckFailed, EngineUnavailable
from grader.values.units import MB

if TYPE_CHECKING:
    from grader.checks.compose.stack import Service

IMAGE: Final = "postgres:17"
PORT: Final = 5432
_SECONDS: Final = 30.0
_GREETING: Final = bytes((0, 0, 0, 8, 4, 210, 22, 47))
"""How every client of PostgreSQL may begin: will you speak TLS? (The protocol's SSLRequest.)"""
_STARTING: Final = re.compile(r"Connection refused|starting up|shutting down|No such file|not accepting connections")
"""What a client says of a database that has only just been started, or which its image still prepares."""
_SOCKETS: Final = "/var/run/postgresql"
_RESOLVER: Final = "127.0.0.11"
"""Docker's own, in every container of a network."""
_ANSWERS: Final = frozenset({b"S", b"N", b"E"})
_GREETING_SECONDS: Final = 3.0

# Says which logins work, one database of each in a line; or runs a statement in each of these databases and says where it did.
_SCRIPT = r"""
export PGHOST="$1" PGCONNECT_TIMEOUT=5 PGOPTIONS='-c statement_timeout=10s'
statement="$2"; shift 2
while [ $# -gt 0 ]; do
    export PGPORT="$1" PGUSER="$2" PGPASSWORD="$3"; first="$4"; shift 4
    names="$(psql -X -At -d "$first" -c 'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate' 2>&1)" \
        || { echo "no $names" | head -n 1; continue; }
    echo "login"
    echo "$names" | while read -r name; do
        said="$(psql -X -At -v ON_ERROR_STOP=1 -d "$name" -c "$statement" 2>/dev/null)" && echo "in $name: $said" | head -n 1
    done
    exit 0
done
"""


class Database:
    """A database, asked over the network by a client of the grader's own: nothing in the learner's images can answer for it.

    Args:
        service: that it is.
        clients: services that may know how to log in, by an address in their environment.
    """

    def __init__(self, service: "Service", clients: Mapping[str, str]) -> None:
        self._service = service
        self._clients = clients

    def expect_row(self, table: str, row: Mapping[str, float | str], *, message: str) -> None:
        """A table in one of its databases holds such a row.

        Args:
            table: its name.
            row: column → value, those that count.
            message: the finding's first sentence.
        """
        where = " AND ".join(f"{column} = {_literal(value)}" for column, value in row.items())
        found = self._everywhere(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608 - the exercise's own words
        if not any(said != "0" for said in found.values()):
            held = "; ".join(f"none in {name}" for name in found)
            raise CheckFailed(
                message,
                expected=f"a row in a table {table} of the service {self._service.name}",
                found=f"the table {table}, and no such row: {held}" if found else f"no table {table} in any of its databases",
            )

    def add_row(self, table: str, row: Mapping[str, float | str]) -> None:
        """Put a row into that table, wherever it is."""
        values = ", ".join(map(_literal, row.values()))
        self._everywhere(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values}) RETURNING 1")  # noqa: S608 - see above

    def expect_private(self) -> None:
        """No published port of the stack leads to it, whichever service publishes it: each is asked what answers there."""
        stack = self._service.stack
        if self._service.alone:
            self._service.expect_not_published()
        doors = [(name, inside, outside) for name, one in stack.services.items() for inside, outside in one.doors().items()]
        with ThreadPoolExecutor(max(len(doors), 1), thread_name_prefix="drydock-doors") as pool:
            open_ones = list(pool.map(lambda door: speaks(stack.session, door[2]), doors))
        for (name, inside, _), is_open in zip(doors, open_ones, strict=True):
            if is_open:
                written = next((one for one in stack.services[name].published_as_written if one.inside == inside), None)
                place = written.place if written else None
                shared = stack.services[name].host is self._service.host and name != self._service.name
                raise CheckFailed(
                    f"A port of the machine leads to {self._service.name}.",
                    expected=f"no published port behind which {self._service.name} answers",
                    found=f"a database answers behind {written or inside} of the service {name}"
                    + (f", whose network {self._service.name} is in" if shared else "")
                    + (f" ({place})" if place else ""),
                )

    def _everywhere(self, statement: str) -> dict[str, str]:
        """Run a statement in each of its databases; database → the first line of its answer, of those where it could be run."""
        service = self._service
        arguments = [part for login in self._logins() for part in login]
        spec = containers.Spec(
            image=IMAGE,
            entrypoint=["sh", "-c", _SCRIPT, "sh", "127.0.0.1", statement],
            command=arguments,
            user="postgres",
            network=f"container:{service.about.id}",
            own_limits=(128 * MB, 64),
            extra_host_config={"cap_drop": ["ALL"]},
        )
        session = service.stack.session

        about, own = service.about, images.find(session, IMAGE)
        # One that listens to no network is asked from inside, where that is an image that can be believed.
        by_socket = own is not None and about.image == own.id

        def ask() -> list[str] | None:
            answered[:] = containers.output(session, spec, seconds=_SECONDS).splitlines()
            if "login" not in answered and by_socket:
                inside = service.exec("sh", "-c", _SCRIPT, "sh", _SOCKETS, statement, *arguments).stdout.splitlines()
                answered[:] = inside if "login" in inside else answered
            return answered if "login" in answered or not any(_STARTING.search(line) for line in answered) else None

        answered: list[str] = []
        try:
            said = wait.until(ask, seconds=session.limits.start_seconds, cancelled=session.cancelled, every=0.5)
        except wait.WaitTimeout as error:
            if not answered:
                raise EngineUnavailable("The grader could not ask the stack's database.", "Try again.") from error
            said = answered
        if "login" not in said:
            raise CheckFailed(
                f"Nobody can log in to the database of {service.name}.",
                expected="a database that lets the user in whom its settings name",
                found=next((line.removeprefix("no ") for line in said), "no answer"),
            )
        return dict(line.removeprefix("in ").split(": ", 1) for line in said if line.startswith("in "))

    def _logins(self) -> list[tuple[str, str, str, str]]:
        """Port, user, password and database: of its own settings, and of those who speak to it."""
        service = self._service
        listening = [one.port for one in service.look().listeners if one.address != _RESOLVER]
        ports = dict.fromkeys([PORT, *listening])
        user = service.setting("POSTGRES_USER") or "postgres"
        found = [(user, service.setting("POSTGRES_PASSWORD"), "postgres")]
        for name, variable in self._clients.items():
            with suppress(ValueError):
                address = urlsplit(service.stack.service(name).setting(variable))
                if address.username:
                    first = address.path.strip("/") or address.username
                    found.append((unquote(address.username), unquote(address.password or ""), unquote(first)))
        return [(str(port), *login) for port in ports for login in dict.fromkeys(found)]


def speaks(session: Session, port: int) -> bool:
    """Whether a PostgreSQL server answers at a published port.

    Args:
        session: the run.
        port: on the machine.
    """
    session.check_cancelled()
    with suppress(OSError), session.dial(port, _GREETING_SECONDS) as connection:
        connection.sendall(_GREETING)
        return connection.recv(1) in _ANSWERS
    return False


def _literal(value: float | str) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
