"""What one submission may use."""

from dataclasses import dataclass

from grader.values.units import GB, MB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds on one submission; reaching one is an outcome of its own, not a failure of the grader.

    Attributes:
        memory: bytes that each container may use, swap included.
        pids: processes and threads in each container.
        cpus: processors that each container may use.
        log: bytes of output that each container may write, as the engine stores it; beyond that it drops the oldest.
        file: bytes of the largest file that a process in a container may write.
        build_seconds: time for one build.
        build_memory: bytes that the RUN steps of one build may use together, where the engine can hold it.
        start_seconds: time for a container or a stack to answer for the first time.
        context: bytes that one build may send to the engine.
        context_files: files that one build may send to the engine.
    """

    memory: int = 512 * MB
    pids: int = 256
    cpus: float = 2.0
    log: int = 8 * MB
    file: int = 1 * GB
    build_seconds: float = 300
    build_memory: int = 2 * GB
    start_seconds: float = 30
    context: int = 200 * MB
    context_files: int = 20_000
