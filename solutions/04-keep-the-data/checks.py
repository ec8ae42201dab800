"""Data that outlives its container: a named volume for what is written, a read-only folder for what is only read."""

from grader import Exercise

exercise = Exercise(title="Keep the data", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE = "drydock-logbook"
VOLUME = "logbook-data"
UNNAMED = 64  # letters of the name that Docker gives a volume without one
ROW = "Adelie 3700"
HAS_IT_NOW = "The new container has the volume. Had the old one the same volume, when it wrote?"
# A row carries the version of the program that has written it.
FILES = {
    "logbook": '#!/bin/sh\necho "logbook $(cat /version): rows go to /data, settings come from /settings"\n'
    "trap 'exit 0' TERM\nsleep 1000000 &\nwait\n",
    "bin/add": "#!/bin/sh\nset -e\nmkdir -p /data\n"
    'units=$(cat /settings/units 2>/dev/null || echo "(no units)")\necho "$(cat /version): $* $units" >>/data/rows\n',
    "bin/rows": "#!/bin/sh\ncat /data/rows 2>/dev/null || echo no rows\n",
}


@exercise.setup
def situation(setup):
    """There are two images of one program: drydock-logbook:1.0 and drydock-logbook:2.0."""
    for version in ("1.0", "2.0"):
        setup.image(f"{IMAGE}:{version}", {**FILES, "version": f"{version}\n"}, 'CMD ["/logbook"]')


@exercise.check(
    points=1,
    hint=("This program runs until somebody ends it. Which option of docker run gives the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker ps shows in the column IMAGE which version runs. A restart takes up the same container.",
        "A new version means a new container, and the name is free only when the old one is gone.",
    ),
    read="03: Part two: containers",
)
def version_2_runs(stage):
    """In the end the container logbook runs version 2.0 of the program."""
    logbook = stage.container("logbook").expect_running()
    version = logbook.exec("cat", "/version").output.strip()
    if version != "2.0" or not stage.comes_from(logbook.about["Image"], f"{IMAGE}:2.0"):
        raise stage.failed(
            "The container logbook does not run version 2.0 of the program.",
            expected=f"a container made from {IMAGE}:2.0",
            found=f"one made from {logbook.about['Config']['Image']}",
            advice=stage.advice() or "A container keeps the image that it was made from, whatever happens to it.",
        )
    stage.logbook = logbook
    return stage


@exercise.check(
    version_2_runs,
    points=3,
    hint=(
        "docker exec logbook rows shows all rows. In front of each stands the version that has written it.",
        "What a container writes goes with it, unless it is written to a place that is mounted. Where does the program write?",
        "Both containers, the old one and the new one, need the same volume at the same place.",
    ),
    read="Named volumes",
)
def the_row_is_still_there(stage):
    """Version 2.0 reads the row that version 1.0 has written: Adelie 3700."""
    rows = stage.logbook.exec("rows").output.strip()
    if not any(line.startswith("1.0:") and ROW in line for line in rows.splitlines()):
        raise stage.failed(
            "The row that version 1.0 has written is not there when version 2.0 looks for it.",
            expected=f"a row that begins with 1.0: {ROW}",
            found=rows[-300:] or "no rows",
            advice="The number in front of a row is the version that has written it."
            if ROW in rows
            else where_rows_go(stage.logbook) or went(stage) or (HAS_IT_NOW if rows == "no rows" else ""),
        )
    if not stage.ran(f"{IMAGE}:1.0"):
        raise stage.failed(
            "The row says 1.0, and no container of version 1.0 has ever run: somebody else has written it.",
            expected=f"a container made from {IMAGE}:1.0, in which the program writes the row",
            found="containers of version 2.0 only",
        )


@exercise.check(
    version_2_runs,
    points=2,
    hint=(
        "From inside of the container we tried to change settings/units, and then changed it from outside, in your folder.",
        "A folder can be mounted so that the container can only read it. It stays your folder: a change in it is seen at once.",
        "The option has a third part, behind the place in the container.",
    ),
    read="Read-only",
)
def settings_are_read_only(stage):
    """The container sees the folder settings of yours at /settings, and can only read it."""
    logbook = stage.logbook
    if logbook.exec("test", "-f", "/settings/units").exit_code != 0:
        raise stage.failed(
            "The container does not see your settings.",
            expected="your folder settings, with its file units, at /settings in the container",
            found=f"at /settings there is {mounted(logbook, '/settings')}",
            advice=why_no_settings(logbook),
        )
    if logbook.exec("sh", "-c", "echo >>/settings/units", user="0").exit_code == 0:
        raise stage.failed(
            "The container can change your settings.",
            expected="your folder settings, mounted so that it can only be read",
            found="we wrote into /settings/units, from inside of the container, and nothing stopped us",
        )
    changed = "changed by the checks"
    stage.helper("--volume=/exercise:/exercise", "sh", "-c", f"echo '{changed}' >/exercise/settings/units")
    seen = logbook.exec("cat", "/settings/units").output.strip()
    if seen != changed:
        raise stage.failed(
            "The container has a copy of your settings: it does not see what is changed in the folder.",
            expected=f"in /settings/units what we wrote into your settings/units: {changed}",
            found=f"{seen[:200] or 'an empty file'}; at /settings there is {mounted(logbook, '/settings')}",
            advice=why_no_settings(logbook),
        )


# The last one: it removes the container.
@exercise.check(
    version_2_runs,
    points=3,
    hint=(
        "docker volume ls shows volumes and their names. Which one does your container have, and where? docker inspect tells.",
        "We had the program write a row, removed the container with its unnamed volumes, and looked into the volume.",
        "A name in front of the place in the container makes it a named volume. Look where the program writes.",
    ),
    read="Named volumes",
)
def rows_live_in_the_volume(stage):
    """All rows are in the volume logbook-data; what is written there outlives this container, too."""
    advice = stage.advice() or where_rows_go(stage.logbook)
    if VOLUME not in (there := stage.volumes()):
        raise stage.failed(
            f"There is no volume called {VOLUME} when your commands are done.",
            expected=f"a volume called {VOLUME}, mounted at /data",
            found=f"only {', '.join(dict.fromkeys(one if len(one) < UNNAMED else 'volumes without a name' for one in there))}"
            if there
            else "no volumes at all",
            advice=advice,
        )
    added = stage.logbook.exec("add", "Gentoo", "5100", user="0")
    if added.exit_code != 0:
        raise stage.failed(
            "Version 2.0 cannot write a row.",
            expected="a volume at /data that it can write to",
            found=added.output.strip()[-200:],
        )
    stage.docker("rm", "--force", "--volumes", "logbook")
    # Anywhere in it: a folder of a volume can be mounted, too.
    look = "find /data -name rows -exec cat {} + | grep . || echo no file rows in it, or an empty one"
    rows = stage.helper(f"--volume={VOLUME}:/data:ro", "sh", "-c", look).output.strip()
    if "2.0: Gentoo 5100" not in rows:
        raise stage.failed(
            f"We removed the container, and the row that it had written is not in the volume {VOLUME}.",
            expected="a file rows in the volume, with the row 2.0: Gentoo 5100",
            found=rows[-300:],
            advice=advice,
        )


def at(logbook, place):
    """What is mounted at a place in the container; None when nothing is."""
    return next((one for one in logbook.mounts() if one["Destination"].rstrip("/") == place), None)


def mounted(logbook, place):
    """The same, in words."""
    mount = at(logbook, place)
    if mount is None:
        return "nothing mounted"
    return {"bind": "a folder", "volume": "a volume"}.get(mount["Type"], "something in memory")


def why_no_settings(logbook):
    """Why the folder is not there, by what is mounted at /settings."""
    mount = at(logbook, "/settings")
    if mount is None:
        return ""
    if mount["Type"] == "bind":
        return "Compare the path in front of the colon with your folder's name: where there is none, -v makes an empty one."
    return "A name without a slash is that of a volume. Your folder is meant where there is a path."


def where_rows_go(logbook):
    """Why rows are not in the volume, by what is mounted at /data."""
    mount = at(logbook, "/data")
    if mount is None:
        return "The program writes to /data, and there nothing is mounted: what is written goes with the container."
    if mount["Type"] == "bind":
        return (
            "At /data there is a folder. What begins with a slash, or with a dot and a slash, is a path and no volume's name."
        )
    if len(name := str(mount.get("Name"))) < UNNAMED and name != VOLUME:
        return f"At /data there is the volume {name}. Names are compared letter by letter."
    if name != VOLUME:
        return f"At /data there is not the volume {VOLUME}; where no name is given, each container gets a volume of its own."
    return ""


def went(stage):
    """Whether the volume was removed on the way."""
    return f"The volume {VOLUME} was removed on the way." if "destroy" in stage.events("volume", VOLUME) else ""
