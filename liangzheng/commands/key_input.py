"""Keys as arguments of commands: in encrypted files, by URI, or public ones by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..terminal import t
from .shared import PASSWORD_VARIABLE, PIN_VARIABLE, ask_secret, given_secret

if TYPE_CHECKING:
    from did import PublicKey, Signer

__all__ = [
    "bound",
    "is_uri",
    "named_key",
    "new_password",
    "open_key",
    "password_option",
    "public_key",
    "secret_for",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def password_option(command: _Command) -> _Command:
    """``--password-file``."""
    option = click.option(
        "--password-file",
        metavar="FILE",
        help=f"The key files' password, or the token's PIN (first line). Else {PASSWORD_VARIABLE} or {PIN_VARIABLE}, "
        "else it is asked for.",
    )
    return option(command)


def open_key(text: str, password_file: str | None) -> Signer:
    """The key in a key file, or of a URI: ``pkcs11:``, ``file:``, or a scheme that is installed."""
    import did

    if is_uri(text):
        return did.signer_from_uri(text, secret_for(text, password_file))
    return did.load(text, given_secret(password_file, PASSWORD_VARIABLE) or _ask(text))


def bound(key: Signer, did: str, verification_method: str) -> Signer:
    """The same key, speaking for ``did``. Raises ValueError for a signer of a kind that can't."""
    if not hasattr(key, "with_controller"):
        raise ValueError(t("此密钥不能改用别的 DID", "this key speaks for its own DID alone"))
    speaking: Signer = key.with_controller(did, verification_method)
    return speaking


def is_uri(text: str) -> bool:
    """Whether a key is named by a URI rather than by the path of a key file."""
    from did.signers import scheme_of

    return bool(scheme_of(text)) and not Path(text).exists()


def secret_for(uri: str, password_file: str | None) -> Callable[[], str | bytes]:
    """What gives the password or PIN of a URI when it is asked for: the file, the environment, a prompt."""

    def give() -> str | bytes:
        given = given_secret(password_file, PIN_VARIABLE if uri[:7].lower() == "pkcs11:" else PASSWORD_VARIABLE)
        return given or _ask(uri.partition("?")[0])

    return give


def new_password(password_file: str | None) -> str | bytes:
    """The password for a new key file; one that is typed is typed twice."""
    given = given_secret(password_file, PASSWORD_VARIABLE)
    if given is not None:
        return given
    return ask_secret(t("新密钥文件的口令", "Password for the key file"), needed=None, confirm=True)


def public_key(text: str, password_file: str | None) -> PublicKey:
    """A public key given as a multikey (``z6Mk...``), as a did:key, or as the key file it is in."""
    import did

    if text.startswith("did:key:"):
        text = text.removeprefix("did:key:").partition("#")[0]
    elif Path(text).exists() or is_uri(text):
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


def _ask(path: str) -> str:
    return ask_secret(
        t(f"{path} 的口令", f"Password of {path}"),
        needed=t(
            f"需要 {path} 的口令：请用 --password-file 或 {PASSWORD_VARIABLE}（令牌：{PIN_VARIABLE}）",
            f"the password of {path} is needed: --password-file or {PASSWORD_VARIABLE} (tokens: {PIN_VARIABLE})",
        ),
    )
