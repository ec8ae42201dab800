"""A sandbox in which a learner's commands have left all that the vocabulary speaks of."""

from collections.abc import Iterator

import pytest

from grader.checks.sandbox.state import SandboxState
from grader.checks.setup import Setup
from grader.checks.work import Work
from grader.engine.session import Session
from grader.values.facts import Facts
from tests import core

COMMANDS = """\
docker network create lab
docker run -d --name web --network lab -p 20001:8000 toy
docker run -d --name shy -p 127.0.0.1:20002:8000 toy
docker run -d --name elsewhere -p 127.0.0.1:20003:8001 toy
docker run -d --name guest --network container:shy busybox sleep 1000
docker run -d --name near --network lab busybox sleep 1000
docker run -d --name far busybox sleep 1000
docker run -d --name nowhere --network none busybox sleep 1000
docker run -d --name deceived --add-host web:127.0.0.1 busybox sleep 1000
docker run -d --name linked --link shy:web busybox sleep 1000
docker run -d --name slow busybox sh -c 'sleep 3; echo at last; sleep 1000'
docker run --rm -v data:/d busybox sh -c 'cd /d; mkdir -p a/b; printf "hello\\n" >"a/two words"; : >.hidden; ln -s a/b link
    chown 999:998 a; chmod 2750 a; chmod 600 .hidden'
docker volume create bare
echo key-in-a-layer >key; echo key-in-a-file >kept; echo x-key-in-base64-y | base64 >encoded
printf 'FROM toy\\nARG WORD\\nCOPY key /key\\nRUN rm /key\\nENV NOTE=key-in-a-variable\\n' >Dockerfile
docker build -q --build-arg WORD=key-in-the-history -t built .
printf 'FROM toy\\nCOPY kept encoded /\\nLABEL note=key-in-a-label\\n' | docker build -q -t telling -f - .
mkdir below; echo made >below/file; ln -s below/file link; ln -s /tmp/x astray
docker run --rm --name brief busybox true
docker run -d --name idle busybox
docker run busybox true
docker run -d --name stopped busybox sleep 1000
docker stop -t 0 stopped
docker volume create thrown
docker volume rm thrown
printf 'FROM scratch\nCOPY given /kept\n' | docker build -q -t programless -f - .
docker run --rm -v odd:/d busybox sh -c 'cd /d; touch "two
lines" plain; ln -s "a
b" link'
docker rename before after
docker exec diary sh -c 'echo more >>/page'
echo 'QUOTED="yes"' >own.env
docker run -d --name set -e TYPED=here --env-file own.env toy
WORD=shell docker run -d --name unset toy
docker run -d --name feigned toy sh -c 'sleep 1000; true' /start
mkdir settings; echo grams >settings/units
docker run -d --name reader -v "$PWD/settings:/settings:ro" busybox sleep 1000
docker run -d --name writer -v "$PWD/settings:/settings" busybox sleep 1000
mkdir closed; echo grams >closed/units; chmod -R a-w closed
docker run -d --name permitted -v "$PWD/closed:/settings" busybox sleep 1000
docker run -d --name patched -v "$PWD/settings:/settings" -v "$PWD/settings/units:/settings/units:ro" busybox sleep 1000
docker run -d --name piecemeal -v "$PWD/settings/units:/settings/units:ro" busybox sleep 1000
docker run --rm -v copied:/to -v "$PWD/settings:/from:ro" busybox cp /from/units /to
docker run -d --name copyist -v copied:/settings:ro busybox sleep 1000
docker run -d --name keeping -v data:/data busybox sleep 1000
docker run -d --name mistaken -v wrong:/settings:ro -v /data busybox sleep 1000
docker run --rm -v data:/d:ro -v "$PWD:/out" busybox tar -cf /out/data.tar -C /d .
tar -c below >other.tar
: >empty.tar
echo nothing packed >text.tar
docker save -o programless.tar programless
docker rmi programless
docker load -i programless.tar
docker tag toy toy:again
docker rmi toy:again
docker run -d --name twice -v "$PWD/settings:/settings:ro" -v "$PWD:/desk" busybox sleep 1000
docker run -d --name beside -v "$PWD/settings:/settings:ro" -v "$PWD/settings/units:/etc/units" busybox sleep 1000
docker run -d --name talkative busybox sh -c 'echo At first; seq 1 3000; sleep 1000'
docker run -d --name hidden -p 127.0.0.1:20005:8000 toy
docker run -d --name lender --ipc shareable --shm-size 8m busybox sh -c 'cd /dev/shm; echo x >batch; ln -s / astray; sleep 1000'
docker run -d --name borrower --ipc container:lender busybox sleep 1000
docker run -d --name boundless --tmpfs /dev/shm busybox sleep 1000
docker run -d --name shelved -v shelf:/dev/shm busybox sleep 1000
docker run -d --name without --ipc none busybox sleep 1000
docker run -d --name passage --link hidden -p 20006:9000 busybox nc -ll -p 9000 -e nc hidden 8000
"""


def _situation(setup: Setup) -> None:
    files = {"www/index.html": "hello\n", "start": "#!/bin/sh\nhttpd -f -p 8000 -h /www\n"}
    files["word"] = setup.draw("word")
    setup.image("toy", files, 'CMD ["/start"]', "EXPOSE 8000", "ENV GIVEN=image")
    setup.docker("run", "--detach", "--name", "before", "busybox", "sleep", "1000")
    setup.docker("create", "--name", "diary", "busybox", "sleep", "1000")
    setup.put("diary", {"page": "Dear diary.\n", "other": "Nothing.\n"})
    setup.docker("start", "diary")


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxState]:
    """What the commands left behind; tests change nothing of it that another one looks at."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "commands.sh").write_text(COMMANDS)
    (folder / "given").write_text("by the learner\n")
    with (
        pytest.MonkeyPatch.context() as patch,
        core.nothing_left(tmp_path_factory.mktemp("s") / "runtime", patch),
        Session() as s,
    ):
        yield Work(s, folder, Facts("x", "99-toy")).run_script(setup=_situation, files={"given": "by the exercise\n"})
