"""``liangzheng keys generate | show | public | list | retire``: encrypted key files, and keys in tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..terminal import t
from .key_input import JSON, clear_errors, new_password, open_key, password_option, secret_for

if TYPE_CHECKING:
    from did import Signer
    from did.tokens import TokenKeyEntry

__all__ = ["keys"]


def _known_type(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """The table of key types grows with what is installed, so it is asked when a type was given."""
    from did import KeyTypeUnsupported
    from did.key_types import key_type

    try:
        return key_type(value).name
    except KeyTypeUnsupported as error:
        raise click.BadParameter(error.message, ctx, param) from None


_TOKEN = click.option(
    "--pkcs11", "token", metavar="URI", help="In a token (RFC 7512): pkcs11:token=LABEL;object=NAME?module-path=FILE"
)


@click.group()
def keys() -> None:
    """Make and show keys, in encrypted files or in tokens (pkcs11: URIs instead of files).

    A password or PIN comes from a prompt, a file, the environment or the URI's pin-source, never from an argument.
    """


@keys.command()
@click.argument("file", required=False)
@click.option("--output", "-o", metavar="FILE", help="The key file to write, instead of the argument.")
@_TOKEN
@click.option(
    "--type",
    "key_type",
    metavar="TYPE",
    callback=_known_type,
    default="P-256",
    show_default=True,
    help="Ed25519, P-256, P-384 ...; an unknown one is answered with all there are.",
)
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
    token: str | None,
    key_type: str,
    method: str,
    controller: str | None,
    verification_method: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """Make a key and write it, encrypted, to the new FILE; or make it in a token, which it never leaves."""
    import did

    targets = [target for target in (file, output, token) if target]
    if len(targets) != 1:
        terminal.fail(t("请给出一个要写入的密钥文件，或 --pkcs11", "name one key file to write, or --pkcs11"))
    if (controller is None) != (verification_method is None):
        terminal.fail(t("--did 与 --verification-method 须一同给出", "--did and --verification-method go together"))
    if token is not None:
        _generate_in_token(token, key_type, method, controller, verification_method, password_file, as_json)
        return
    key = did.generate(key_type, method=method)
    if controller is not None and verification_method is not None:
        key = key.with_controller(controller, verification_method)
    did.save(key, targets[0], new_password(password_file))
    from did.key_types import key_type as type_named

    if type_named(key_type).experimental:
        note = f"keys of type {key_type} are experimental: names and bytes may still change"
        terminal.note(t(f"{key_type} 密钥为实验性功能，名称与编码可能改变", note))
    human = t(f"已生成 {key_type} 密钥：{targets[0]}\n", f"{key_type} key written to {targets[0]}\n") + _human(key)
    terminal.emit({"file": targets[0], **_public(key)}, as_json=as_json, human=human)


def _generate_in_token(
    uri: str,
    key_type: str,
    method: str,
    controller: str | None,
    verification_method: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    from did import tokens
    from did.methods import jwk

    key = tokens.generate(uri, key_type, secret_for(uri, password_file))
    if controller is not None and verification_method is not None:
        key = key.with_controller(controller, verification_method)
    elif method == "jwk":
        own = jwk.did_of(key.public_key)
        key = key.with_controller(own, own + "#0")
    human = t(f"已在令牌中生成 {key_type} 密钥：\n{key.uri}\n", f"{key_type} key made in the token:\n{key.uri}\n")
    terminal.emit({"uri": key.uri, **_public(key)}, as_json=as_json, human=human + _human(key))


@keys.command()
@click.argument("file")
@password_option
@JSON
@clear_errors
def show(file: str, password_file: str | None, as_json: bool) -> None:
    """Say what kind of key is in FILE (or of a pkcs11: URI), whose it is, and its public key."""
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
    """Print the public key of FILE (or of a pkcs11: URI), and nothing else."""
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


@keys.command("list")
@click.argument("uri")
@password_option
@JSON
@clear_errors
def list_keys(uri: str, password_file: str | None, as_json: bool) -> None:
    """List the keys of the token that URI names: those that sign, and those that were retired."""
    from did import tokens

    found = tokens.keys_in(uri, secret_for(uri, password_file))
    lines = [_line(entry) for entry in found] or [t("令牌中没有密钥", "the token has no keys")]
    terminal.emit({"keys": [_entry(entry) for entry in found]}, as_json=as_json, human="\n".join(lines))


@keys.command()
@click.argument("uri")
@click.option("--yes", is_flag=True, help="Don't ask.")
@password_option
@JSON
@clear_errors
def retire(uri: str, yes: bool, password_file: str | None, as_json: bool) -> None:
    """Destroy the private key of a pkcs11: URI, for ever. Its public key stays in the token, listed as retired."""
    from did import tokens

    if not yes:
        question = t("销毁该私钥？此后它再也不能签名", "Destroy this private key? It will never sign again")
        click.confirm(f"{question}\n{uri.partition('?')[0]}\n", abort=True, err=True)
    entry = tokens.retire(uri, secret_for(uri, password_file))
    terminal.emit(_entry(entry), as_json=as_json, human=_line(entry))


def _entry(entry: TokenKeyEntry) -> dict[str, Any]:
    key = entry.public_key
    return {
        "object": entry.label,
        "id": entry.id.hex(),
        "active": entry.active,
        "type": key.key_type if key else None,
        "publicKeyMultibase": key.to_multikey() if key else None,
        "uri": entry.uri,
    }


def _line(entry: TokenKeyEntry) -> str:
    state = t("可用", "active") if entry.active else t("已停用", "retired")
    kind = entry.public_key.key_type if entry.public_key else t("未知类型", "unknown type")
    return f"{state}  {kind}  {entry.label}\n  {entry.uri}"


def _public(key: Signer) -> dict[str, Any]:
    return {
        "type": key.algorithm,
        "did": key.did,
        "verificationMethod": key.verification_method,
        "publicKeyMultibase": key.public_key.to_multikey(),
    }


def _human(key: Signer) -> str:
    return "\n".join(
        (
            f"{t('类型', 'type')}:   {key.algorithm}",
            f"DID:    {key.did}",
            f"{t('方法', 'method')}: {key.verification_method}",
            f"{t('公钥', 'public')}: {key.public_key.to_multikey()}",
        )
    )
