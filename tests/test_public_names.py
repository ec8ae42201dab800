"""What exercises are written in: the names that they may import, and the nouns and verbs of their checks."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader
from grader.checks.compose.database import Database
from grader.checks.compose.file import ComposeFile
from grader.checks.compose.stack import Service, Stack
from grader.checks.compose.traffic import Traffic
from grader.checks.container import Container
from grader.checks.context import BuildContext
from grader.checks.exec_result import ExecResult
from grader.checks.http import Response
from grader.checks.image import Image
from grader.checks.lint import LintResult
from grader.checks.live.container import LiveContainer
from grader.checks.live.lab import Lab
from grader.checks.live.things import LiveImage, LiveNetwork, LiveVolume
from grader.checks.registry.image import RegistryImage
from grader.checks.registry.registry import Registry, Repository
from grader.checks.registry.round_trip import RoundTrip
from grader.checks.sandbox.container import SandboxContainer
from grader.checks.sandbox.folder import SandboxFile
from grader.checks.sandbox.image import SandboxImage
from grader.checks.sandbox.network import SandboxNetwork
from grader.checks.sandbox.output import SandboxOutput
from grader.checks.sandbox.process import SandboxProcess
from grader.checks.sandbox.shared_memory import SandboxSharedMemory
from grader.checks.sandbox.state import SandboxState
from grader.checks.sandbox.tree import Inode, Tree
from grader.checks.sandbox.volume import SandboxVolume
from grader.checks.setup import Setup
from grader.checks.volume import Volume
from grader.checks.work import Work
from grader.course.drill import Drill
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from grader.values.outcome import Finding

DEFINITIONS = sorted((Path(__file__).parent.parent / "solutions").glob("*/checks.py"))
DRILLS = sorted((Path(__file__).parent.parent / "course" / "drills").glob("*.py"))
MOST_BUILT_BY_HAND = 11
"""Failures that exercises may build by themselves, all together: what a verb cannot say is the exception."""


def test_what_an_exercise_may_import() -> None:
    assert grader.__all__ == sorted(grader.__all__, key=lambda name: (name[0].islower(), not name.isupper(), name))
    assert {"GB", "KB", "MB", "Check", "Exercise", "Limits", "Outcome", "Report"} <= set(grader.__all__)
    assert {"CheckFailed", "Evidence", "Inode"} <= set(grader.__all__)
    for name in grader.__all__:
        assert getattr(grader, name) is not None


VOCABULARY: dict[type, set[str]] = {
    Work: {
        "build",
        "compose",
        "compose_file",
        "facts",
        "folder",
        "json",
        "lint",
        "run_script",
        "sent",
        "session",
        "text",
        "with_files",
    },
    ComposeFile: {"expect_no_warnings", "warnings"},
    Setup: {"docker", "draw", "facts", "image", "put"},
    Facts: {"choice", "number", "word"},
    BuildContext: {"expect_at_most", "expect_lacks", "files", "matching", "size"},
    Volume: {"expect", "files", "read"},
    Image: {
        "config",
        "env",
        "expect_efficient",
        "expect_env",
        "expect_label",
        "expect_lacks",
        "expect_no_copy",
        "expect_nowhere",
        "expect_same",
        "expect_size",
        "expect_workdir",
        "files",
        "is_deleted",
        "labels",
        "layers",
        "left_out",
        "read",
        "run",
        "size",
        "start",
        "steps",
        "volume",
        "workdir",
    },
    Container: {
        "exec",
        "expect_cannot_change",
        "expect_cannot_write",
        "expect_file",
        "expect_healthy",
        "expect_log",
        "expect_main_process",
        "expect_no_root",
        "expect_no_zombies",
        "expect_running",
        "expect_unhealthy",
        "health",
        "http",
        "kill",
        "logs",
        "look",
        "main_user",
        "read",
        "started",
        "stop",
        "wait",
    },
    Response: {"expect", "headers", "json", "status", "text"},
    LintResult: {"complaints", "expect_quiet", "file", "text"},
    ExecResult: {"exit_code", "expect", "output", "stdout"},
    Stack: {
        "database",
        "down",
        "edit",
        "expect_not_logged",
        "expect_not_published",
        "expect_not_shown",
        "expect_nothing_mounted",
        "expect_recovers",
        "health",
        "http",
        "images",
        "kill",
        "logs",
        "restart",
        "service",
        "services_healthy",
        "stop",
        "traffic",
        "up",
        "variables",
    },
    Traffic: {"answers", "expect_none_lost", "expect_reached", "go_on"},
    Database: {"add_row", "expect_private", "expect_row"},
    Service: {
        "crash",
        "doors",
        "exec",
        "expect_cannot_write",
        "expect_healthy",
        "expect_main_process",
        "expect_never_restarted",
        "expect_not_logged",
        "expect_not_published",
        "expect_not_shown",
        "expect_nowhere",
        "expect_running",
        "expect_unhealthy",
        "health",
        "host",
        "http",
        "ids",
        "logs",
        "mounts",
        "published_as_written",
        "restart",
        "setting",
        "start",
        "state",
        "stop",
    },
    SandboxState: {
        "advice",
        "container",
        "containers",
        "docker",
        "drawn",
        "events",
        "evidence",
        "expect_gone",
        "expect_only_containers",
        "expect_ran",
        "facts",
        "failed",
        "file",
        "folder",
        "given",
        "image",
        "images",
        "network",
        "networks",
        "output",
        "put",
        "registry",
        "run_again",
        "volume",
        "volumes",
    },
    SandboxContainer: {
        "about",
        "addresses",
        "bindings",
        "exec",
        "expect_cannot_reach",
        "expect_exited",
        "expect_file",
        "expect_finds",
        "expect_for_this_machine_only",
        "expect_from",
        "expect_log",
        "expect_never_started",
        "expect_not_new",
        "expect_nothing_published",
        "expect_on_a_network",
        "expect_page",
        "expect_page_at_no_published_port",
        "expect_page_nowhere",
        "expect_reaches",
        "expect_reads_folder",
        "expect_running",
        "expect_runs",
        "expect_silent",
        "finds",
        "is_new",
        "listeners",
        "logs",
        "mount",
        "name",
        "processes",
        "program",
        "put",
        "read",
        "remove",
        "said",
        "script",
        "shared_memory",
        "state",
        "stop",
        "why_not_in",
        "why_shared_memory_ran_out",
    },
    SandboxProcess: {"command", "env", "expect_env"},
    SandboxImage: {
        "about",
        "expect_came_back",
        "expect_file",
        "expect_is",
        "expect_nowhere",
        "happened",
        "name",
        "read",
        "run",
        "script",
    },
    SandboxSharedMemory: {"expect_at_most", "expect_holds", "expect_its_own", "files", "size"},
    SandboxVolume: {"about", "expect_file", "name", "script", "tree"},
    SandboxNetwork: {"about", "expect_members", "name", "script"},
    SandboxFile: {"content", "expect_archive_of", "expect_loads", "name", "script", "text", "unpacked"},
    SandboxOutput: {"exit_code", "expect", "output"},
    Drill: {"answer", "check", "mistake", "setup"},
    Lab: {"container", "drawn", "expect_gone", "expect_kept", "image", "network", "snapshot", "volume"},
    LiveContainer: {
        "about",
        "expect_arguments",
        "expect_env",
        "expect_exited",
        "expect_file",
        "expect_from",
        "expect_healthy",
        "expect_log",
        "expect_memory",
        "expect_mount",
        "expect_new",
        "expect_no_file",
        "expect_not_new",
        "expect_not_root",
        "expect_nothing_published",
        "expect_of",
        "expect_on",
        "expect_owner",
        "expect_program",
        "expect_published",
        "expect_restart_policy",
        "expect_running",
        "expect_same_check",
        "expect_same_files",
        "expect_shared_memory",
        "expect_state",
        "expect_unhealthy",
        "files",
        "how_it_is",
        "is_new",
        "logs",
        "name",
        "read",
        "state",
    },
    LiveVolume: {"about", "expect_unused"},
    LiveNetwork: {"about", "expect_members"},
    LiveImage: {
        "about",
        "expect_adds_at_most",
        "expect_at_most",
        "expect_built_on",
        "expect_differs_in",
        "expect_env",
        "expect_is",
        "expect_label",
        "expect_layers_above",
        "expect_not_built_on",
        "expect_user",
        "expect_workdir",
        "name",
        "row",
    },
    Registry: {"address", "repositories", "repository"},
    Repository: {"address", "expect_one_digest", "expect_tags", "image", "round_trip", "tags"},
    RegistryImage: {"config", "digest", "expect_complete", "expect_is", "is_index", "layers", "name"},
    RoundTrip: {"expect_pulled_back", "expect_run"},
    CheckFailed: {"but"},
    Finding: {"advice", "evidence", "expected", "found", "message"},
    Tree: {"below", "expect_same", "get", "items", "keys", "name", "only", "script"},
    Inode: {"content", "file", "folder", "gid", "kind", "link", "mode", "rights", "size", "uid"},
}
WORDS = set().union(*VOCABULARY.values())


def _known(kind: type) -> set[str]:
    """All that can be said to one of a kind."""
    annotated = (getattr(one, "__annotations__", {}) for one in kind.__mro__)
    return {*dir(kind), *inspect.signature(kind).parameters, *(name for names in annotated for name in names)}


@pytest.mark.parametrize(("kind", "names"), VOCABULARY.items(), ids=[kind.__name__ for kind in VOCABULARY])
def test_the_vocabulary_of_checks_is_there(kind: type, names: set[str]) -> None:
    assert names <= _known(kind)
    assert {name for name in names if name.startswith("expect")} == {one for one in dir(kind) if one.startswith("expect")}


@pytest.mark.parametrize("kind", VOCABULARY, ids=[kind.__name__ for kind in VOCABULARY])
def test_every_word_of_it_is_documented(kind: type) -> None:
    undocumented = [
        name
        for of in kind.__mro__[:-1]
        for name, member in vars(of).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property)) and not inspect.getdoc(member)
    ]
    assert not undocumented


def _nodes(definition: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(definition.read_text(encoding="utf-8")))


@pytest.mark.parametrize("definition", [*DEFINITIONS, *DRILLS], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_exercise_says_nothing_that_is_not_in_the_vocabulary(definition: Path) -> None:
    nodes = list(_nodes(definition))
    inner = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and str(node.module).startswith("grader.")]
    assert not inner, "what exercises need is to be had from grader itself"
    stored = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    assert not [one for one in stored if not one.startswith("self.")], "what a check hands on is what it returns"
    known = set().union(*map(_known, VOCABULARY))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    unlisted = (used & known) - WORDS - set(dir(str)) - set(dir(dict))
    assert not unlisted


def test_failures_that_exercises_build_by_themselves_are_the_exception() -> None:
    built = [
        f"{definition.parent.name}:{node.lineno}"
        for definition in DEFINITIONS
        for node in _nodes(definition)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"CheckFailed", "failed", "explained"}
    ]
    assert len(built) <= MOST_BUILT_BY_HAND, built
