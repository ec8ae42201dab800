"""Data that outlives its container: a named volume for what is written, a read-only folder for what is only read."""

from grader import Exercise

exercise = Exercise(title="Keep the data", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE = "drydock-logbook"
VOLUME = "logbook-data"
ROW = "Adelie 3700"
# A row carries the version of the program that has written it.
FILES = {
    "logbook": '#!/bin/sh\necho "logbook $(cat /version): rows go to /data, settings come from /settings"\n'
    "trap 'exit 0' TERM\nsleep 1000000 &\nwait\n",
    "bin/add": "#!/bin/sh\nset -e\nmkdir -p /data\n"
    'units=$(cat /settings/units 2>/dev/null || echo "(no units)")\necho "$(cat /version): $* $units" >>/data/rows\n',
    "bin/rows": "#!/bin/sh\ncat /data/rows 2>/dev/null || echo no rows\n",
}


@exercise.prepare
def situation(bench):
    """There are two images of one program: drydock-logbook:1.0 and drydock-logbook:2.0."""
    for version in ("1.0", "2.0"):
        bench.image(f"{IMAGE}:{version}", {**FILES, "version": f"{version}\n"}, 'CMD ["/logbook"]')


@exercise.check(
    points=1,
    hint=(
        "Look at the last command in what you see above: it did not come back.",
        "A container that keeps running belongs in the background.",
    ),
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.play(prepare=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker ps shows in the column IMAGE which version runs. A restart takes up the same container, with the same image.",
        "A container cannot change its image. A new version means a new container, and the name is free only when the old one "
        "is gone.",
    ),
)
def version_2_runs(stage):
    """In the end the container logbook runs version 2.0 of the program."""
    logbook = stage.container("logbook").expect_running()
    version = logbook.exec("cat", "/version").output.strip()
    if version != "2.0":
        raise stage.failed("The container logbook runs another version.", expected="2.0", found=version or "no version at all")
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
)
def the_row_is_still_there(stage):
    """Version 2.0 reads the row that version 1.0 has written: Adelie 3700."""
    rows = stage.logbook.exec("rows").output.strip()
    if not any(line.startswith("1.0:") and ROW in line for line in rows.splitlines()):
        raise stage.failed(
            "The row that version 1.0 has written is not there when version 2.0 looks for it.",
            expected=f"1.0: {ROW} …",
            found=rows[-300:] or "no rows",
        )


@exercise.check(
    version_2_runs,
    points=2,
    hint=(
        "From inside of the container we tried to change settings/units, and then changed it from outside, in your folder.",
        "A folder can be mounted so that the container can only read it. It stays your folder: a change in it is seen at once.",
        "The option has a third part, behind the place in the container.",
    ),
)
def settings_are_read_only(stage):
    """The container sees the folder settings of yours at /settings, and can only read it."""
    logbook = stage.logbook
    if logbook.exec("test", "-f", "/settings/units").exit_code != 0:
        raise stage.failed(
            "The container does not see your settings.",
            expected="the file /settings/units",
            found=logbook.exec("ls", "/settings").output.strip()[:200] or "an empty folder /settings",
        )
    if logbook.exec("sh", "-c", "echo >>/settings/units", user="0").exit_code == 0:
        raise stage.failed(
            "The container can change your settings.",
            expected="a folder that it can only read",
            found="it wrote into /settings/units",
        )
    changed = "changed by the checks"
    stage.helper("--volume=/exercise:/exercise", "sh", "-c", f"echo '{changed}' >/exercise/settings/units")
    seen = logbook.exec("cat", "/settings/units").output.strip()
    if seen != changed:
        raise stage.failed(
            "The container has a copy of your settings: it does not see what is changed in the folder.",
            expected=changed,
            found=seen[:200] or "an empty file",
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
)
def rows_live_in_the_volume(stage):
    """All rows are in the volume logbook-data; what is written there outlives this container, too."""
    stage.volume(VOLUME)
    added = stage.logbook.exec("add", "Gentoo", "5100", user="0")
    if added.exit_code != 0:
        raise stage.failed(
            "Version 2.0 cannot write a row.", expected="a volume that it can write to", found=added.output.strip()[-200:]
        )
    stage.docker("rm", "--force", "--volumes", "logbook")
    rows = stage.helper(f"--volume={VOLUME}:/data:ro", "sh", "-c", "cat /data/rows || ls -A /data").output.strip()
    if "2.0: Gentoo 5100" not in rows:
        raise stage.failed(
            f"We removed the container, and the row that it had written is not in the volume {VOLUME}.",
            expected="2.0: Gentoo 5100 …, in the file rows at the top of the volume",
            found=rows[-300:] or "an empty volume",
        )
