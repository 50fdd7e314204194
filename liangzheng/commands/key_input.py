"""What the commands about keys and DIDs share: passwords, key files, public keys as arguments, errors as exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import terminal
from ..terminal import t

if TYPE_CHECKING:
    from did import PublicKey, SoftwareKey

__all__ = ["JSON", "clear_errors", "named_key", "new_password", "open_key", "password_option", "public_key"]

PASSWORD_VARIABLE = "LIANGZHENG_PASSWORD"  # noqa: S105 - the variable's name
_MAX_PASSWORD = 4096

_Command = TypeVar("_Command", bound=Callable[..., Any])

JSON = click.option("--json", "as_json", is_flag=True, help="Machine output: one line of JSON.")


def password_option(command: _Command) -> _Command:
    """``--password-file``."""
    option = click.option(
        "--password-file",
        metavar="FILE",
        help=f"The key files' password (first line). Else {PASSWORD_VARIABLE}, else it is asked for.",
    )
    return option(command)


def clear_errors(command: _Command) -> _Command:
    """No traceback: what the user gave and can't be used ends the command with code 2, what didn't resolve with 1."""

    def run(*args: Any, **kwargs: Any) -> Any:
        from did import DidError

        try:
            return command(*args, **kwargs)
        except DidError as error:
            terminal.fail(f"{error.code}: {error.message}", _exit_code(error))
        except OSError as error:
            terminal.fail(t(f"无法读写 {error.filename}：{error.strerror}", f"{error.filename}: {error.strerror}"))
        except (ValueError, TypeError, RecursionError) as error:
            terminal.fail(t(f"输入无法使用：{error}", f"unusable input: {error}"))

    wrapped: _Command = update_wrapper(run, command)  # type: ignore[assignment]
    return wrapped


def _exit_code(error: Exception) -> int:
    import did

    undecided = did.DidNotFound | did.DidDeactivated | did.DidUnavailable
    decided = did.InvalidDidDocument | did.InvalidDidLog | did.PurposeNotAllowed
    return terminal.NOT_VERIFIED if isinstance(error, undecided | decided) else terminal.INPUT_UNUSABLE


def open_key(path: str, password_file: str | None) -> SoftwareKey:
    """The key in a key file."""
    import did

    return did.load(path, _given_password(password_file) or _ask(path))


def new_password(password_file: str | None) -> str | bytes:
    """The password for a new key file; one that is typed is typed twice."""
    given = _given_password(password_file)
    if given is not None:
        return given
    return str(
        click.prompt(
            t("新密钥文件的口令", "Password for the key file"), hide_input=True, confirmation_prompt=True, err=True
        )
    )


def public_key(text: str, password_file: str | None) -> PublicKey:
    """A public key given as a multikey (``z6Mk...``), as a did:key, or as the key file it is in."""
    import did

    if text.startswith("did:key:"):
        text = text.removeprefix("did:key:").partition("#")[0]
    elif Path(text).exists():
        return open_key(text, password_file).public_key
    elif not text.startswith("z"):
        raise FileNotFoundError(2, "no such key file, and not a multikey", text)
    return did.PublicKey.from_multikey(text)


def named_key(text: str, number: int, password_file: str | None) -> tuple[str, PublicKey]:
    """``NAME=KEY`` as the fragment and the public key; without a name it is ``key-NUMBER``."""
    name, equals, key = text.partition("=")
    if equals and name and not Path(text).exists():
        return name.removeprefix("#"), public_key(key, password_file)
    return f"key-{number}", public_key(text, password_file)


def _given_password(password_file: str | None) -> str | bytes | None:
    if password_file is not None:
        lines = Path(password_file).read_bytes()[:_MAX_PASSWORD].splitlines()
        return lines[0] if lines else b""
    return os.environ.get(PASSWORD_VARIABLE)


def _ask(path: str) -> str:
    if not sys.stdin.isatty() and not sys.stderr.isatty():
        raise ValueError(
            t(
                f"需要 {path} 的口令：请用 --password-file 或 {PASSWORD_VARIABLE}",
                f"the password of {path} is needed: give --password-file or {PASSWORD_VARIABLE}",
            )
        )
    return str(click.prompt(t(f"{path} 的口令", f"Password of {path}"), hide_input=True, err=True))
