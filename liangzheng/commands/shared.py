"""What all commands share: ``--json``, times as arguments, errors as exit codes, passwords.

Passwords and PINs come from a file, the environment or a prompt, never from the command line, which other users can
read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from .. import terminal
from ..terminal import t

__all__ = [
    "JSON",
    "MOMENT",
    "PASSWORD_VARIABLE",
    "PIN_VARIABLE",
    "add_options",
    "ask_secret",
    "clear_errors",
    "clock_at",
    "first_line",
    "given_secret",
]

PASSWORD_VARIABLE = "LIANGZHENG_PASSWORD"  # noqa: S105 - the variable's name
PIN_VARIABLE = "LIANGZHENG_PIN"
_MAX_SECRET = 4096

_Command = TypeVar("_Command", bound=Callable[..., Any])

JSON = click.option("--json", "as_json", is_flag=True, help="Machine output: one line of JSON.")


class _Moment(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in some versions
    """A point in time with a time zone, as an aware ``datetime``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from did.timestamps import read_datetime

        if isinstance(value, datetime):
            return value
        try:
            return read_datetime(value)
        except ValueError:
            text = f"{value!r:.80}"
            zh = f"{text} 不是带时区的时间，如 2026-01-31T08:00:00+08:00"
            en = f"{text} is no time with a time zone, as 2026-01-31T08:00:00+08:00"
            self.fail(t(zh, en), param, ctx)


MOMENT = _Moment()


def clock_at(moment: datetime | None) -> Callable[[], datetime]:
    """The clock of a command: it stands at the moment that was given, else it goes."""
    return (lambda: datetime.now(UTC)) if moment is None else (lambda: moment)


def add_options(command: _Command, *options: Callable[[_Command], _Command]) -> _Command:
    """A command with ``options``, which its help lists in this order."""
    for option in reversed(options):
        command = option(command)
    return command


@contextmanager
def clear_errors() -> Iterator[None]:
    """No traceback: what was refused ends the command with code 1, input that can't be used with code 2."""
    from contexts import ContextError
    from did.refusal import Refusal

    try:
        yield
    except Refusal as error:
        code = terminal.INPUT_UNUSABLE if error.unusable else terminal.NOT_VERIFIED
        terminal.fail("\n".join(error.lines(terminal.language())), code)
    except ContextError as error:
        terminal.fail(f"{error.code}: {error}")
    except OSError as error:
        terminal.fail(t(f"无法读写 {error.filename}：{error.strerror}", f"{error.filename}: {error.strerror}"))
    except RecursionError:
        terminal.fail(t("输入嵌套过深", "the input is nested too deeply"))
    except (ValueError, TypeError) as error:
        terminal.fail(t(f"输入无法使用：{error}", f"unusable input: {error}"))


def given_secret(file: str | None, variable: str) -> str | bytes | None:
    """A password or PIN from a file or, without one, the environment; None when neither has it."""
    if file is not None:
        return first_line(file)
    return os.environ.get(variable)


def first_line(path: str) -> bytes:
    """The first line of a file that holds a secret."""
    with Path(path).open("rb") as file:
        lines = file.read(_MAX_SECRET).splitlines()
    return lines[0] if lines else b""


def ask_secret(text: str, *, needed: str | None, confirm: bool = False) -> str:
    """A password or PIN typed at the terminal, not shown; ``confirm`` asks for it twice.

    Ends the command with ``needed`` where nobody can type; None reads what stands in standard input then.
    """
    if needed is not None and not sys.stdin.isatty() and not sys.stderr.isatty():
        terminal.fail(needed)
    again = t("再输入一次", "Once more") if confirm else False
    return str(click.prompt(text, hide_input=True, confirmation_prompt=again, err=True))
