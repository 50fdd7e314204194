"""What every ``liangzheng holder`` command shares: where the wallet is, and its PIN."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..terminal import t
from .definitions import card_set, scenario_set
from .shared import JSON, PIN_VARIABLE, add_options, ask_secret, clear_errors, first_line

if TYPE_CHECKING:
    from holder import FileKeystore, Wallet

__all__ = ["Place", "ask_pin", "pin_in", "with_place"]

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
        return pin_in(self.pin_file) if self.pin_file is not None else os.environ.get(PIN_VARIABLE)


def ask_pin(text: str, *, confirm: bool = False) -> str:
    """A PIN typed at the terminal, not shown. Ends the command when there is no terminal."""
    needed = t(
        f"需要亮证密码：请在终端中输入，或用 --pin-file、环境变量 {PIN_VARIABLE}",
        f"the PIN is needed: type it at a terminal, or use --pin-file or the variable {PIN_VARIABLE}",
    )
    return ask_secret(text, needed=needed, confirm=confirm)


def pin_in(file: str) -> str:
    """The PIN in a file: its first line."""
    return first_line(file).decode("ascii", "replace")


def _default(variable: str, base: str, fallback: str, name: str) -> Path:
    if os.environ.get(variable):
        return Path(os.environ[variable])
    folder = Path(os.environ.get(base) or Path.home() / fallback) / "liangzheng"
    return folder / name


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

    return add_options(
        update_wrapper(run, command),
        click.option("--wallet", metavar="FILE", help=f"The wallet. Else {WALLET_VARIABLE}, else in the data folder."),
        click.option("--keystore", metavar="FILE", help=f"The device's keystore. Else {KEYSTORE_VARIABLE}."),
        click.option("--pin-file", metavar="FILE", help=f"The PIN (first line). Else {PIN_VARIABLE}, else a prompt."),
        JSON,
    )
