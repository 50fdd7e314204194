"""What every ``liangzheng holder`` command shares: where the wallet is, its PIN, and errors as exit codes.

PINs come from a prompt, a file or the environment, never from the command line, which other users can read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..terminal import t
from .definitions import card_set, scenario_set

if TYPE_CHECKING:
    from holder import FileKeystore, Wallet

__all__ = ["Place", "ask_pin", "first_line", "with_place", "write_private"]

PIN_VARIABLE = "LIANGZHENG_PIN"
WALLET_VARIABLE = "LIANGZHENG_WALLET"
KEYSTORE_VARIABLE = "LIANGZHENG_KEYSTORE"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the wallet is, and how its PIN is asked for."""

    wallet: Path
    keystore_path: Path
    pin_file: str | None
    as_json: bool

    def keystore(self) -> FileKeystore:
        """The device's keystore."""
        from holder import FileKeystore

        return FileKeystore(self.keystore_path)

    def open(self, pin: str | None = None) -> Wallet:
        """The wallet, opened with ``pin``, or with the one that the holder gives now."""
        from holder import Wallet

        return Wallet.open(
            self.wallet,
            self.pin() if pin is None else pin,
            self.keystore(),
            definitions=card_set(),
            scenarios=scenario_set(),
        )

    def pin(self) -> str:
        """The PIN, from a file, the environment or a prompt."""
        given = self.given_pin()
        return ask_pin(t("亮证密码", "PIN")) if given is None else given

    def given_pin(self) -> str | None:
        """The PIN from a file or the environment, or None."""
        return first_line(self.pin_file) if self.pin_file is not None else os.environ.get(PIN_VARIABLE)


def first_line(path: str) -> str:
    """The PIN in a file: its first line."""
    with Path(path).open("rb") as file:
        lines = file.read(64).splitlines()
    return lines[0].decode("ascii", "replace") if lines else ""


def ask_pin(text: str, *, confirm: bool = False) -> str:
    """A PIN typed at the terminal, not shown. Ends the command when there is no terminal."""
    if not sys.stdin.isatty():
        terminal.fail(
            t(
                f"需要亮证密码：请在终端中输入，或用 --pin-file、环境变量 {PIN_VARIABLE}",
                f"the PIN is needed: type it at a terminal, or use --pin-file or the variable {PIN_VARIABLE}",
            )
        )
    again = t("再输入一次", "Once more") if confirm else False
    return str(click.prompt(text, hide_input=True, confirmation_prompt=again, err=True))


def _default(variable: str, base: str, fallback: str, name: str) -> Path:
    if os.environ.get(variable):
        return Path(os.environ[variable])
    folder = Path(os.environ.get(base) or Path.home() / fallback) / "liangzheng"
    return folder / name


@contextmanager
def clear_errors() -> Iterator[None]:
    """Refusals end the command with code 1, input that can't be used with code 2; never a traceback."""
    from contexts import ContextError
    from did import DidError
    from holder import HolderError, PinForm, PinWeak
    from holder.errors import WalletError
    from vc.problems import ProblemError

    try:
        yield
    except HolderError as error:
        unusable = isinstance(error, WalletError | PinForm | PinWeak) or error.code == "request.form"
        code = terminal.INPUT_UNUSABLE if unusable else terminal.NOT_VERIFIED
        terminal.fail(f"{error.code}: {t(error.message_zh, error.message)}", code)
    except ProblemError as error:
        terminal.fail("\n".join(f"{p.code} {p.pointer}: {p.detail}" for p in error.problems))
    except (DidError, ContextError) as error:
        terminal.fail(f"{error.code}: {error}")
    except OSError as error:
        terminal.fail(t(f"无法读写 {error.filename}：{error.strerror}", f"{error.filename}: {error.strerror}"))
    except (ValueError, RecursionError) as error:
        terminal.fail(t(f"输入无法使用：{error}", f"unusable input: {error}"))


def with_place(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its place and ``--json``, and turn errors into exit codes."""

    def run(wallet: str | None, keystore: str | None, pin_file: str | None, as_json: bool, **rest: Any) -> Any:
        place = Place(
            wallet=Path(wallet) if wallet else _default(WALLET_VARIABLE, "XDG_DATA_HOME", ".local/share", "wallet.db"),
            keystore_path=Path(keystore)
            if keystore
            else _default(KEYSTORE_VARIABLE, "XDG_CONFIG_HOME", ".config", "device.keystore"),
            pin_file=pin_file,
            as_json=as_json,
        )
        with clear_errors():
            return command(place, **rest)

    run = update_wrapper(run, command)
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Machine output: one line of JSON."),
        click.option("--pin-file", metavar="FILE", help=f"The PIN (first line). Else {PIN_VARIABLE}, else a prompt."),
        click.option("--keystore", metavar="FILE", help=f"The device's keystore. Else {KEYSTORE_VARIABLE}."),
        click.option("--wallet", metavar="FILE", help=f"The wallet. Else {WALLET_VARIABLE}, else in the data folder."),
    ):
        run = option(run)
    return run


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads; what is in it is personal."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
