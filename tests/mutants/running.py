"""One room's campaign inside one pytest process: collected once, then each change in a forked child.

A child puts the changed code into the functions that are already loaded and runs the tests that reach the changed
lines, the quickest first, until one fails. So a change costs a fork and a few tests, not a start of Python.
"""

from __future__ import annotations

import ast
import gc
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

from .changes import Change, changes_of, constants
from .rooms import ROOT, Room

__all__ = ["Campaign", "Result"]

_EXAMPLES = 30


class Result(NamedTuple):
    """What became of a change: killed (``by`` a test, or by taking too long), survived, or reached by no test."""

    file: str
    change: Change
    outcome: str
    by: str
    tests: int
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        change = self.change
        return {
            "file": self.file,
            "function": change.function,
            "line": change.lines[0],
            "kind": change.kind,
            "before": change.before,
            "after": change.after,
            "outcome": self.outcome,
            "by": self.by,
            "tests": self.tests,
            "left_out": self.left_out,
        }


class Campaign:
    """A pytest plugin that runs, in place of the tests, the campaign over ``room``."""

    def __init__(
        self,
        room: Room,
        *,
        only: list[str],
        kinds: tuple[str, ...],
        sample: int,
        seed: int,
        seconds: float,
        again: set[tuple[str, ...]] | None,
        tell: Callable[[Result], None],
    ) -> None:
        self.again = again
        self.room, self.only, self.kinds, self.sample, self.seed, self.tell = room, only, kinds, sample, seed, tell
        self.seconds = seconds  # What the tests of one change may take together, by the time they took unchanged.
        self.total = 0
        self.broken: list[str] = []
        self._child: Callable[[pytest.TestReport], None] | None = None
        self._killers: Counter[str] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Properties draw the same few examples each time, and keep none."""
        from hypothesis import Phase, settings  # pytest rewrites it, so not before.

        phases = (Phase.explicit, Phase.generate)
        profile = settings(database=None, derandomize=True, deadline=None, max_examples=_EXAMPLES, phases=phases)
        settings.register_profile("mutants", profile)
        settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._child is not None:
            self._child(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        paths = [
            path
            for path in self.room.paths()
            if not self.only or any(part in str(path.relative_to(ROOT)) for part in self.only)
        ]
        for path in paths:
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            importlib.import_module(module.removesuffix(".__init__"))
        reached, seconds = self._reach(session.items, paths)
        items = {item.nodeid: item for item in session.items if item.nodeid in seconds}
        live = _live(paths)
        work = []
        for path in paths:
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
            work += [(path, tree, change) for change in changes_of(tree) if change.kind in self.kinds]
        self.total = len(work)
        if self.again is not None:
            work = [
                (path, tree, change)
                for path, tree, change in work
                if (change.function, change.before, change.after) in self.again
            ]
        if self.sample and len(work) > self.sample:
            chosen = sorted(random.Random(self.seed).sample(range(len(work)), self.sample))
            work = [work[index] for index in chosen]
        gc.freeze()  # So that a child touches, and copies, less.
        for path, tree, change in work:
            lines = reached.get(str(path), {})
            # A constant is read wherever it is read: every test that comes into the file may notice.
            own = lines if change.function.isupper() else range(change.lines[0], change.lines[1] + 1)
            first = {test for line in own for test in lines.get(line, ())}
            self.tell(self._try(path, tree, change, self._order(first, items, seconds), seconds, live))
        return True

    def _order(self, first: set[str], items: dict[str, Any], seconds: dict[str, float]) -> list[Any]:
        """The tests that reach a change; then, as fixtures and caches are shared, the others of their files."""
        files = {test.split("::")[0] for test in first}
        near = [test for test in items if test not in first and test.split("::")[0] in files]
        rank = lambda test: (-self._killers[test], seconds[test])  # noqa: E731
        return [items[test] for test in (*sorted(first, key=rank), *sorted(near, key=rank))]

    def _reach(self, items: list[Any], paths: list[Path]) -> tuple[dict[str, dict[int, list[str]]], dict[str, float]]:
        """Which tests reach which lines, and how long each takes; asked of a child, so that nothing here is warm."""
        answer = Path(tempfile.mkstemp(prefix="mutants-")[1])
        child = os.fork()
        if child == 0:
            _quiet()
            answer.write_text(json.dumps(self._covered(items, paths)), encoding="utf-8")
            os._exit(0)
        os.waitpid(child, 0)
        found = json.loads(answer.read_text(encoding="utf-8") or "null")
        answer.unlink()
        if found is None:
            raise pytest.UsageError("the tests could not be run unchanged")
        self.broken = found["failed"]
        lines = {
            path: {int(line): [test for test in tests if test in found["seconds"]] for line, tests in each.items()}
            for path, each in found["lines"].items()
        }
        return lines, found["seconds"]

    def _covered(self, items: list[Any], paths: list[Path]) -> dict[str, Any]:
        import coverage

        os.environ["COVERAGE_CORE"] = "ctrace"
        failed: set[str] = set()
        skipped: set[str] = set()

        def note(report: pytest.TestReport) -> None:
            if report.failed:
                failed.add(report.nodeid)
            elif report.skipped:
                skipped.add(report.nodeid)

        self._child = note
        measured = coverage.Coverage(data_file=None, config_file=False, include=[str(path) for path in paths])
        measured.start()
        seconds = {}
        for item, following in _pairs(items):
            measured.switch_context(item.nodeid)
            start = time.monotonic()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            seconds[item.nodeid] = time.monotonic() - start
        measured.stop()
        data = measured.get_data()
        lines = {str(path): data.contexts_by_lineno(str(path)) for path in paths}
        usable = {test: spent for test, spent in seconds.items() if test not in failed | skipped}
        return {"lines": lines, "seconds": usable, "failed": sorted(failed)}

    def _try(
        self, path: Path, tree: ast.Module, change: Change, tests: list[Any], seconds: dict[str, float], live: Any
    ) -> Result:
        name = str(path.relative_to(ROOT))
        if not tests:
            return Result(name, change, "unreached", "", 0, 0)
        chosen: list[Any] = []
        total = 0.0
        for item in tests:
            total += seconds[item.nodeid]
            if chosen and total > self.seconds:
                break
            chosen.append(item)
        end, start = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(end)
            self._changed(path, tree, change, chosen, live, start, int(10 + 4 * min(total, self.seconds)))
        os.close(start)
        with os.fdopen(end, "rb") as stream:
            by = stream.read().decode()
        _, status = os.waitpid(child, 0)
        _end_group(child)
        shutil.rmtree(Path(tempfile.gettempdir()) / f"mutants-{child}", ignore_errors=True)
        if os.WIFSIGNALED(status):
            outcome, by = "killed", "it did not end in time" if os.WTERMSIG(status) == signal.SIGALRM else "a crash"
        else:
            outcome = {0: "survived", 1: "killed", 3: "not made"}.get(os.WEXITSTATUS(status), "killed")
        self._killers[by] += outcome == "killed"
        return Result(name, change, outcome, by, len(chosen), len(tests) - len(chosen))

    def _changed(
        self, path: Path, tree: ast.Module, change: Change, tests: list[Any], live: Any, answer: int, limit: int
    ) -> None:
        """In the child: make the change, run the tests, and end with 1 at the first that fails."""
        os.setsid()
        _quiet()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(limit)
        folder = Path(tempfile.gettempdir()) / f"mutants-{os.getpid()}"
        folder.mkdir(exist_ok=True)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
        change.apply()
        try:
            made = _make(path, tree, change, live)
        except (ValueError, SyntaxError):
            made = False
        if not made:
            os._exit(3)

        def note(report: pytest.TestReport) -> None:
            if report.failed:
                os.write(answer, report.nodeid.encode()[:4000])
                os._exit(1)

        self._child = note
        try:
            for item, following in _pairs(tests):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException:
            os._exit(1)
        os._exit(0)


def _pairs(items: list[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(items, [*items[1:], None], strict=True)


def _quiet() -> None:
    sink = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(sink, stream)


def _end_group(leader: int) -> None:
    """Whatever the tests of a child started and left."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _live(paths: list[Path]) -> dict[tuple[str, str, int], list[FunctionType]]:
    """The functions that are loaded, by file, qualified name and first line; those under decorators, too."""
    wanted = {str(path) for path in paths}
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename in wanted:
            code = one.__code__
            found.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), []).append(one)
    return found


def _make(path: Path, tree: ast.Module, change: Change, live: dict[tuple[str, str, int], list[FunctionType]]) -> bool:
    """Put the changed code in the place of the loaded one. False where nothing of it is loaded."""
    compiled = compile(tree, str(path), "exec", dont_inherit=True)
    made = False
    for code in _codes(compiled):
        if code.co_qualname == change.function:
            for function in live.get((str(path), code.co_qualname, code.co_firstlineno), ()):
                function.__code__ = code
                made = True
    return made or _rebound(path, tree, change)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _rebound(path: Path, tree: ast.Module, change: Change) -> bool:
    """A constant of a module with another value, there and wherever it was imported."""
    module = next((one for one in sys.modules.values() if getattr(one, "__file__", None) == str(path)), None)
    value = next((value for name, value in constants(tree) if name == change.function), None)
    if module is None or value is None or change.function not in vars(module):
        return False
    old = vars(module)[change.function]
    new = eval(compile(ast.Expression(value), str(path), "eval"), vars(module))
    for one in list(sys.modules.values()):
        if getattr(one, "__dict__", {}).get(change.function) is old:
            setattr(one, change.function, new)
    return True
