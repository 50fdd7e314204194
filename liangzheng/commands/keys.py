"""``liangzheng keys generate | show | public``: encrypted key files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..terminal import t
from .key_input import JSON, clear_errors, new_password, open_key, password_option

if TYPE_CHECKING:
    from did import SoftwareKey

__all__ = ["keys"]

_TYPES = ["Ed25519", "P-256", "P-384", "P-521", "secp256k1", "X25519", "BLS12-381-G2"]


@click.group()
def keys() -> None:
    """Make and show key files. A password comes from a prompt, a file or LIANGZHENG_PASSWORD, not from an argument."""


@keys.command()
@click.argument("file", required=False)
@click.option("--output", "-o", metavar="FILE", help="The key file to write, instead of the argument.")
@click.option("--type", "key_type", type=click.Choice(_TYPES), default="P-256", show_default=True)
@click.option(
    "--method", type=click.Choice(["key", "jwk"]), default="key", show_default=True, help="The key's own DID."
)
@click.option("--did", "controller", metavar="DID", help="Bind the key to this DID instead, such as a did:web.")
@click.option("--verification-method", metavar="DID_URL", help="With --did: the DID URL of the key, or #fragment.")
@password_option
@JSON
@clear_errors
def generate(
    *,
    file: str | None,
    output: str | None,
    key_type: str,
    method: str,
    controller: str | None,
    verification_method: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """Make a key and write it, encrypted, to the new FILE."""
    import did

    target = file or output
    if target is None or (file and output):
        terminal.fail(t("请给出一个要写入的密钥文件", "name one key file to write"))
    if (controller is None) != (verification_method is None):
        terminal.fail(t("--did 与 --verification-method 须一同给出", "--did and --verification-method go together"))
    key = did.generate(key_type, method=method)
    if controller is not None and verification_method is not None:
        key = key.with_controller(controller, verification_method)
    did.save(key, target, new_password(password_file))
    human = t(f"已生成 {key_type} 密钥：{target}\n", f"{key_type} key written to {target}\n") + _human(key)
    terminal.emit({"file": target, **_public(key)}, as_json=as_json, human=human)


@keys.command()
@click.argument("file")
@password_option
@JSON
@clear_errors
def show(file: str, password_file: str | None, as_json: bool) -> None:
    """Say what kind of key is in FILE, whose it is, and its public key."""
    key = open_key(file, password_file)
    terminal.emit(_public(key), as_json=as_json, human=_human(key))


@keys.command()
@click.argument("file")
@click.option(
    "--format",
    "form",
    type=click.Choice(["multikey", "jwk", "document"]),
    default="multikey",
    show_default=True,
    help="document: the verification method as it stands in a DID document.",
)
@password_option
@JSON
@clear_errors
def public(file: str, form: str, password_file: str | None, as_json: bool) -> None:
    """Print the public key of FILE, and nothing else."""
    key = open_key(file, password_file)
    multikey = key.public_key.to_multikey()
    if form == "multikey":
        terminal.emit({"publicKeyMultibase": multikey}, as_json=as_json, human=multikey)
    elif form == "jwk":
        terminal.emit(key.public_key.to_jwk(), as_json=as_json)
    else:
        method = {
            "id": key.verification_method,
            "type": "Multikey",
            "controller": key.did,
            "publicKeyMultibase": multikey,
        }
        terminal.emit(method, as_json=as_json)


def _public(key: SoftwareKey) -> dict[str, Any]:
    return {
        "type": key.algorithm,
        "did": key.did,
        "verificationMethod": key.verification_method,
        "publicKeyMultibase": key.public_key.to_multikey(),
    }


def _human(key: SoftwareKey) -> str:
    return "\n".join(
        (
            f"{t('类型', 'type')}:   {key.algorithm}",
            f"DID:    {key.did}",
            f"{t('方法', 'method')}: {key.verification_method}",
            f"{t('公钥', 'public')}: {key.public_key.to_multikey()}",
        )
    )
