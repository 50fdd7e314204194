"""What every test shares: nothing may be skipped where LIANGZHENG_NO_SKIPS is set (as .ci/run does)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from did import languages
from tests.texts import AddLanguage, compiled

# Examples are counted, not timed: a busy machine is no failure.
settings.register_profile("liangzheng", deadline=None)
settings.load_profile("liangzheng")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("LIANGZHENG_NO_SKIPS"):
        terminalreporter.write_line(f"{len(skipped)} skipped, and LIANGZHENG_NO_SKIPS is set: that is a failure")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and os.environ.get("LIANGZHENG_NO_SKIPS"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Long texts and bytes make no readable name, and those drawn at random would differ between processes."""
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 24):
        return argname
    return None


@pytest.fixture
def use_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Take the catalogues of a folder for the length of a test."""

    def use(folder: Path) -> None:
        monkeypatch.setenv(languages.VARIABLE, str(folder))
        languages._catalogues.cache_clear()

    yield use
    monkeypatch.undo()
    languages._catalogues.cache_clear()


@pytest.fixture
def add_language(tmp_path_factory: pytest.TempPathFactory, use_folder: Callable[[Path], None]) -> AddLanguage:
    """Add a language, given its translations by pair."""
    folder = tmp_path_factory.mktemp("texts")

    def add(language: str, entries: Mapping[tuple[str, str], str]) -> None:
        (folder / f"{language}.mo").write_bytes(compiled(entries))
        use_folder(folder)

    return add
