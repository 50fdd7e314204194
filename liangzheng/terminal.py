"""How every command talks: input, output, language, exit codes, errors. Commands hold no such code of their own."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

__all__ = [
    "DONE",
    "INPUT_UNUSABLE",
    "MAX_INPUT",
    "NOT_VERIFIED",
    "emit",
    "fail",
    "language",
    "note",
    "progress",
    "read_input",
    "set_language",
    "t",
]

DONE, NOT_VERIFIED, INPUT_UNUSABLE = 0, 1, 2
MAX_INPUT = 16 * 1024 * 1024

_T = TypeVar("_T")
_language: list[str] = []


def set_language(language: str | None) -> None:
    """Fix the language of messages: ``zh``, ``en``, one that has a catalogue, or None for the locale's."""
    _language[:] = [language or _from_locale()]


def language() -> str:
    """The language of this run."""
    if not _language:
        set_language(None)
    return _language[0]


def _from_locale() -> str:
    name = next((os.environ[v] for v in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(v)), "")
    from did.languages import languages

    tag = (name or locale.getlocale()[0] or "").lower().partition("_")[0].partition(".")[0]
    return tag if tag in languages() else "en"


def t(zh: str, en: str) -> str:
    """The text in the language of this run."""
    from did.languages import in_language

    return in_language(zh, en, language())


def read_input(path: str) -> bytes:
    """The bytes of FILE, or of standard input for ``-``; at most MAX_INPUT bytes. Ends the command when unreadable."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_INPUT + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_INPUT + 1)
    except OSError as error:
        fail(t(f"无法读取 {path}：{error.strerror}", f"can't read {path}: {error.strerror}"))
    if len(data) > MAX_INPUT:
        fail(t(f"{path} 超过 {MAX_INPUT} 字节", f"{path} is larger than {MAX_INPUT} bytes"))
    return data


def emit(value: Any, *, as_json: bool, human: str | None = None) -> None:
    """Print a result to standard output: JSON for machines, else ``human`` (or indented JSON)."""
    if as_json or human is None:
        click.echo(json.dumps(value, ensure_ascii=False, indent=None if as_json else 2))
    else:
        click.echo(human)


def note(message: str) -> None:
    """A line for people on standard error."""
    click.echo(message, err=True)


def fail(message: str, code: int = INPUT_UNUSABLE) -> NoReturn:
    """Say what is wrong on standard error and end the command with ``code``."""
    click.echo(message, err=True)
    raise SystemExit(code)


def progress(items: Iterable[_T], *, label: str, length: int | None = None) -> Iterator[_T]:
    """Go through ``items`` with a progress bar on standard error; silent when that is no terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, label=label, length=length, file=sys.stderr) as bar:
        yield from bar
