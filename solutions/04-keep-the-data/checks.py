"""Data that outlives its container: a named volume for what is written, a read-only folder for what is only read."""

import secrets

from grader import Exercise

exercise = Exercise(title="Keep the data", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE = "drydock-logbook"
VOLUME = "logbook-data"
ROW = "Adelie 3700"
# A row carries the version of the program that has written it, and that program's stamp.
FILES = {
    "logbook": '#!/bin/sh\necho "logbook $(cat /version): rows go to /data, settings come from /settings"\n'
    "trap 'exit 0' TERM\nsleep 1000000 &\nwait\n",
    "bin/add": "#!/bin/sh\nset -e\nmkdir -p /data\n"
    'units=$(cat /settings/units 2>/dev/null || echo "(no units)")\n'
    'echo "$(cat /version): $* $units [$(cat /stamp)]" >>/data/rows\n',
    "bin/rows": "#!/bin/sh\ncat /data/rows 2>/dev/null || echo no rows\n",
}


@exercise.setup
def situation(setup):
    """There are two images of one program: drydock-logbook:1.0 and drydock-logbook:2.0."""
    for version in ("1.0", "2.0"):
        stamp = setup.draw(f"stamp of {version}", 6)
        setup.image(f"{IMAGE}:{version}", {**FILES, "version": f"{version}\n", "stamp": f"{stamp}\n"}, 'CMD ["/logbook"]')


@exercise.check(
    points=1,
    hint=("This program runs until somebody stops it. Which option of docker run gives you the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "The column IMAGE of docker ps shows which version is running. A restart starts the same container again.",
        "A new version means a new container, and the name is free only when the old one has been removed.",
    ),
    read="03: Part two: containers",
)
def version_2_runs(sandbox):
    """At the end, the container logbook runs version 2.0 of the program."""
    sandbox.container("logbook").expect_running().expect_from(f"{IMAGE}:2.0").expect_file("/version", "2.0").expect_runs(
        "/logbook"
    )
    return sandbox


@exercise.check(
    version_2_runs,
    points=3,
    hint=(
        "docker exec logbook rows shows all rows. Each begins with the version that wrote it.",
        "What a container writes goes with it, unless something is mounted at that place. Where does the program write?",
        "Both containers, the old and the new one, need the same volume at the same place.",
    ),
    read="Named volumes",
)
def the_row_is_still_there(sandbox):
    """Version 2.0 reads the row that version 1.0 wrote: Adelie 3700."""
    logbook = sandbox.container("logbook")
    rows = logbook.exec("rows")
    rows.expect(
        matches=rf"^1\.0: .*{ROW}.*\[{sandbox.drawn['stamp of 1.0']}\]",
        message="Version 2.0 does not see the row that version 1.0 wrote.",
        expected=f"a row that begins with 1.0: {ROW}, with the stamp of version 1.0 at its end",
        advice=why_no_row(sandbox, rows.output),
    )
    sandbox.expect_ran(f"{IMAGE}:1.0", message="The row says 1.0, and no container of version 1.0 has ever run.")


@exercise.check(
    version_2_runs,
    points=2,
    hint=(
        "We tried to change settings/units from inside the container, and then changed it from outside, in your folder.",
        "A folder can be mounted so that the container can only read it. Changes that you make in it are seen at once.",
        "The option can have a third part, after the path in the container.",
    ),
    read="Read-only",
)
def settings_are_read_only(sandbox):
    """The container sees your folder settings at /settings, and can only read it."""
    sandbox.container("logbook").expect_reads_folder("settings", at="/settings")


# The last one: it removes the container.
@exercise.check(
    version_2_runs,
    points=3,
    hint=(
        "docker volume ls lists volumes by name. Which one does your container have, and where? docker inspect shows it.",
        "We had the program write a row, removed the container with its unnamed volumes, and looked into the volume.",
        "A name in front of the path in the container makes it a named volume. Check where the program writes.",
    ),
    read="Named volumes",
)
def rows_live_in_the_volume(sandbox):
    """All rows are in the volume logbook-data; what is written there outlives this container as well."""
    logbook = sandbox.container("logbook")
    why = logbook.why_not_in(VOLUME, "/data")
    volume = sandbox.volume(VOLUME, advice=why)
    row = ("Gentoo", str(4000 + secrets.randbelow(2000)))
    logbook.exec("add", *row, user="0").expect(
        exit_code=0,
        message="Version 2.0 cannot write a row.",
        expected="a volume at /data that it can write to",
        advice=why,
    )
    logbook.remove()
    volume.expect_file(
        "rows",
        contains=f"2.0: {' '.join(row)}",
        message=f"We removed the container, and the row that it wrote is not in the volume {VOLUME}.",
        advice=why,
    )


def why_no_row(sandbox, rows):
    """Why the row is not there, by what is there, what is mounted, and what happened to the volume."""
    if f"1.0: {ROW}" in rows:
        return "It says 1.0, but lacks the stamp that version 1.0 of the program adds to its rows: something else wrote it."
    if ROW in rows:
        return "The number in front of a row is the version that wrote it."
    if why := sandbox.container("logbook").why_not_in(VOLUME, "/data"):
        return why
    if "destroy" in sandbox.events("volume", VOLUME):
        return f"The volume {VOLUME} was removed on the way."
    return "The new container has the volume. Did the old one have the same volume when it wrote?"
