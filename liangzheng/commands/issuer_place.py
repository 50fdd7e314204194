"""What every ``liangzheng issuer`` command shares: where the authority is kept, and its key.

An authority's folder holds ``authority.json`` (name, region, DID), ``authority.key`` (encrypted), ``register.db``, the
published lists under ``status`` and, in place of a telephone network, one-time codes under ``outbox``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from did.private_files import write_private

from .. import terminal
from ..terminal import t
from .definitions import card_set
from .key_input import bound, open_key
from .shared import JSON, PASSWORD_VARIABLE, add_options, ask_secret, clear_errors, given_secret

if TYPE_CHECKING:
    from did import PublicKey, Signer
    from issuer.authority import Authority
    from issuer.proofing import CodeDelivery

__all__ = ["Place", "with_place"]

HOME_VARIABLE = "LIANGZHENG_ISSUER_HOME"
DATABASE_VARIABLE = "LIANGZHENG_ISSUER_DATABASE"
_MAX_SETTINGS = 64 * 1024
_LOCKED = "the authority's key is locked"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an authority is kept, and how its password is asked for."""

    home: Path
    database: str | None
    password_file: str | None
    as_json: bool

    @property
    def settings_path(self) -> Path:
        """The authority's settings."""
        return self.home / "authority.json"

    @property
    def key_path(self) -> Path:
        """The authority's encrypted key; there is no such file where the settings name a key by its URI (``key``)."""
        return self.home / "authority.key"

    @property
    def status_folder(self) -> Path:
        """Where status lists are published."""
        return self.home / "status"

    def settings(self) -> dict[str, str]:
        """The settings that ``init`` wrote. Ends the command when there are none, or others than ours."""
        from vc.parsing import loads

        try:
            with self.settings_path.open("rb") as file:
                settings = loads(file.read(_MAX_SETTINGS))
        except FileNotFoundError:
            terminal.fail(
                t(
                    f"{self.home} 中没有签发机关，请先运行 liangzheng issuer init",
                    f"there is no authority in {self.home}: run liangzheng issuer init first",
                )
            )
        if not all(isinstance(settings.get(name), str) for name in _SETTINGS):
            terminal.fail(t(f"{self.settings_path} 不完整", f"{self.settings_path} is not whole"))
        return {name: settings[name] for name in (*_SETTINGS, "key") if isinstance(settings.get(name), str)}

    def open(self, *, signing: bool = False) -> Authority:
        """The authority; its key is unlocked only for commands that are ``signing`` something."""
        from issuer.authority import Authority

        settings = self.settings()
        return Authority(
            self.database or self.home / "register.db",
            self._key(settings) if signing else _LockedKey(settings["did"], settings["verificationMethod"]),
            name=settings["name"],
            region=settings["region"],
            base_url=settings["baseUrl"],
            channel=_Outbox(self.home / "outbox"),
            cards=card_set(),
        )

    def _key(self, settings: dict[str, str]) -> Signer:
        import did

        if uri := settings.get("key"):
            return bound(open_key(uri, self.password_file), settings["did"], settings["verificationMethod"])
        key = did.load(self.key_path, self.password())
        return key.with_controller(settings["did"], settings["verificationMethod"])

    def password(self, *, confirm: bool = False) -> str | bytes:
        """The key file's password, from a file, the environment or a prompt. Ends the command when there is none."""
        given = given_secret(self.password_file, PASSWORD_VARIABLE)
        if given is not None:
            return given
        return ask_secret(
            t("签发机关密钥的口令", "Password of the authority's key"),
            needed=t(
                f"需要密钥口令：请在终端中输入，或用 --password-file、环境变量 {PASSWORD_VARIABLE}",
                f"the key's password is needed: type it, use --password-file or the variable {PASSWORD_VARIABLE}",
            ),
            confirm=confirm,
        )


_SETTINGS = ("name", "region", "baseUrl", "did", "verificationMethod")


@dataclass(frozen=True, slots=True)
class _LockedKey:
    """The authority's key for commands that sign nothing: only its names are known."""

    did: str
    verification_method: str

    @property
    def algorithm(self) -> str:
        raise PermissionError(_LOCKED)

    @property
    def public_key(self) -> PublicKey:
        raise PermissionError(_LOCKED)

    def sign(self, data: bytes) -> bytes:
        raise PermissionError(_LOCKED)


class _Outbox:
    """Writes one-time codes into a folder that only the operator reads, in place of text messages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, delivery: CodeDelivery) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{delivery.reference}.json"
        content = {"phone": delivery.phone, "code": delivery.code, "expires": delivery.expires.isoformat()}
        write_private(path, json.dumps(content, ensure_ascii=False).encode())
        terminal.note(t(f"验证码已放入 {path}", f"the one-time code is in {path}"))


def _default_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "liangzheng" / "issuer"


def with_place(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its place and ``--json``, and turn errors into exit codes."""

    def run(home: str | None, database: str | None, password_file: str | None, as_json: bool, **rest: Any) -> Any:
        place = Place(Path(home) if home else _default_home(), database, password_file, as_json)
        with clear_errors():
            return command(place, **rest)

    return add_options(
        update_wrapper(run, command),
        click.option(
            "--home",
            metavar="DIR",
            envvar=HOME_VARIABLE,
            help=f"The authority's folder. Else {HOME_VARIABLE}, else in the data folder.",
        ),
        click.option(
            "--database",
            metavar="URL",
            envvar=DATABASE_VARIABLE,
            help=f"postgresql://… or an SQLite file. Else {DATABASE_VARIABLE}, else register.db in the folder.",
        ),
        click.option(
            "--password-file",
            metavar="FILE",
            help=f"The key file's password (first line). Else {PASSWORD_VARIABLE}, else a prompt.",
        ),
        JSON,
    )
