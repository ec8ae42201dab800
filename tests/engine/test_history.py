"""What a Dockerfile said, read from an image's history."""

import pytest

from grader.engine.history import plain

SAID = {
    "RUN /bin/sh -c pip install numpy # buildkit": "RUN pip install numpy",
    "RUN |2 X=1 Y=a b /bin/sh -c echo $X > /x &&     echo hi # buildkit": "RUN echo $X > /x && echo hi",
    "RUN |2 X=1 Y=a b /bin/bash -o pipefail -c echo two # buildkit": "RUN echo two",
    "RUN /bin/bash -eux -o pipefail -c echo two # buildkit": "RUN echo two",
    "RUN /bin/sh -c echo three\necho four\n # buildkit": "RUN echo three ⏎ echo four",
    "RUN |1 X=1 echo five # buildkit": "RUN echo five",
    "RUN echo /bin/sh -c x # buildkit": "RUN echo /bin/sh -c x",
    "RUN python -m venv /venv # buildkit": "RUN python -m venv /venv",
    "COPY --chown=1000 a /a # buildkit": "COPY --chown=1000 a /a",
    "/bin/sh -c #(nop) COPY dir:1234 in /": "COPY dir:1234 in /",
    '/bin/sh -c #(nop)  CMD ["bash"]': 'CMD ["bash"]',
    "/bin/sh -c apt-get update": "RUN apt-get update",
    "EXPOSE map[80/tcp:{} 90/udp:{}]": "EXPOSE 80/tcp 90/udp",
    "EXPOSE &{[{{5 0} {5 0}} 0xc001]}": "EXPOSE &{[{{5 0} {5 0}} 0xc001]}",
    'CMD ["python" "a \\"quoted\\" word.py"]': 'CMD ["python", "a \\"quoted\\" word.py"]',
    'CMD ["/bin/sh" "-c" "echo hi"]': "CMD echo hi",
    'CMD ["/bin/bash" "-o" "pipefail" "-c" "echo hi"]': "CMD echo hi",
    "CMD []": "CMD []",
    'ENTRYPOINT ["x"]': 'ENTRYPOINT ["x"]',
    """HEALTHCHECK &{["CMD-SHELL" "wget -q localhost || exit 1"] "0s" "0s" "0s" "0s" '\\x00'}""": (
        "HEALTHCHECK CMD wget -q localhost || exit 1"
    ),
    """HEALTHCHECK &{["CMD" "true"] "30s" "0s" "0s" "0s" '\\x03'}""": 'HEALTHCHECK CMD ["true"]',
    """HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" '\\x00'}""": "HEALTHCHECK NONE",
    "ENV A=b C=d": "ENV A=b C=d",
    "": "",
}


@pytest.mark.parametrize("made_by", SAID)
def test_a_step_is_what_the_dockerfile_said(made_by: str) -> None:
    assert plain(made_by) == SAID[made_by]
