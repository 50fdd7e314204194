"""``liangzheng did create | update | rotate | witness | deactivate``: writing the files that DIDs are made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import terminal
from ..terminal import t
from .did_files import is_log, read_document, read_log, write_file, write_files
from .key_input import named_key, open_key, password_option, public_key
from .shared import JSON, clear_errors

if TYPE_CHECKING:
    from did import PublicKey
    from did.methods.webvh.authoring import Log

__all__ = ["create", "deactivate", "rotate", "update", "witness"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_KEY_HELP = "[NAME=]KEY: a key file, a multikey (z...) or a did:key; NAME is the fragment. May be repeated."


@click.group()
def create() -> None:
    """Make a DID."""


@create.command("key")
@click.argument("key")
@password_option
@JSON
@clear_errors()
def create_key(key: str, password_file: str | None, as_json: bool) -> None:
    """The did:key of KEY (a key file or a multikey)."""
    from did.methods.key import did_of

    _made(did_of(public_key(key, password_file)), [], as_json)


@create.command("jwk")
@click.argument("key")
@click.option("--use", type=click.Choice(["sig", "enc"]), help="For signing or for encryption only.")
@password_option
@JSON
@clear_errors()
def create_jwk(key: str, use: str | None, password_file: str | None, as_json: bool) -> None:
    """The did:jwk of KEY (a key file or a multikey)."""
    from did.methods.jwk import did_of

    _made(did_of(public_key(key, password_file), use=use), [], as_json)


@create.command("peer")
@click.option("--key", "keys", multiple=True, required=True, metavar="KEY", help="For signing. May be repeated.")
@click.option("--agreement", multiple=True, metavar="KEY", help="For encryption (X25519). May be repeated.")
@click.option("--service", "services", multiple=True, metavar="JSON", help="A service. May be repeated.")
@password_option
@JSON
@clear_errors()
def create_peer(
    *,
    keys: tuple[str, ...],
    agreement: tuple[str, ...],
    services: tuple[str, ...],
    password_file: str | None,
    as_json: bool,
) -> None:
    """A did:peer:2."""
    from did.methods.peer import create_2

    made = [
        (purpose, public_key(key, password_file)) for key in keys for purpose in ("authentication", "assertionMethod")
    ]
    made += [("keyAgreement", public_key(key, password_file)) for key in agreement]
    _made(create_2(made, [_service(text) for text in services]), [], as_json)


def _place_options(command: _Command) -> _Command:
    for option in (
        # Applied from the inside out, so the last argument comes first.
        click.argument("path", nargs=-1),
        click.argument("host"),
        click.option("--port", type=click.IntRange(1, 65535)),
        click.option("--key", "keys", multiple=True, required=True, metavar="KEY", help=_KEY_HELP),
        click.option("--service", "services", multiple=True, metavar="JSON", help="A service. May be repeated."),
        click.option("--output", "-o", "folder", default=".", metavar="FOLDER", help="Where to write the files."),
        password_option,
        JSON,
    ):
        command = option(command)
    return command


@create.command("web")
@_place_options
@clear_errors()
def create_web(
    *,
    host: str,
    path: tuple[str, ...],
    port: int | None,
    keys: tuple[str, ...],
    services: tuple[str, ...],
    folder: str,
    password_file: str | None,
    as_json: bool,
) -> None:
    """A did:web at HOST, under PATH (one argument a segment): the document to publish."""
    from did.methods import web

    identifier = web.did_for(host, *path, port=port)
    document = web.document_for(identifier, _named(keys, password_file), services=[_service(text) for text in services])
    _made(identifier, write_files(folder, web.create(document)), as_json)


@create.command("webvh")
@_place_options
@click.option("--update-key", required=True, metavar="FILE", help="The Ed25519 key file that signs the log.")
@click.option("--next-key", "next_keys", multiple=True, metavar="KEY", help="Pre-rotation: a next update key.")
@click.option("--witness", "witnesses", multiple=True, metavar="DID", help="The did:key of a witness. May be repeated.")
@click.option("--threshold", type=int, help="How many witnesses must approve; default: all.")
@click.option("--portable", is_flag=True, help="The DID may move to another place later.")
@click.option("--ttl", type=int, metavar="SECONDS", help="How long resolvers may keep it.")
@click.option("--with-web", is_flag=True, help="Write the parallel did:web as well.")
@clear_errors()
def create_webvh(
    *,
    host: str,
    path: tuple[str, ...],
    port: int | None,
    keys: tuple[str, ...],
    services: tuple[str, ...],
    folder: str,
    update_key: str,
    next_keys: tuple[str, ...],
    witnesses: tuple[str, ...],
    threshold: int | None,
    portable: bool,
    ttl: int | None,
    with_web: bool,
    password_file: str | None,
    as_json: bool,
) -> None:
    """A did:webvh at HOST, under PATH (one argument a segment): the log to publish."""
    from did.methods.webvh import authoring
    from did.methods.webvh.parameters import Witnesses

    identifier = authoring.identifier_for(host, *path, port=port)
    document = authoring.document_for(
        identifier, _named(keys, password_file), services=[_service(text) for text in services]
    )
    approvers = Witnesses(threshold or len(witnesses), witnesses) if witnesses else None
    log = authoring.create(
        document,
        open_key(update_key, password_file),
        next_keys=[public_key(key, password_file) for key in next_keys],
        witnesses=approvers,
        portable=portable,
        ttl=ttl,
    )
    _made(log.did, write_files(folder, log.files(parallel_web=with_web)), as_json)


@click.command()
@click.argument("file")
@click.option("--document", required=True, metavar="FILE", help="The new document (- is stdin).")
@click.option("--update-key", metavar="FILE", help="did:webvh: the key file that signs the entry.")
@password_option
@JSON
@clear_errors()
def update(*, file: str, document: str, update_key: str | None, password_file: str | None, as_json: bool) -> None:
    """Change the document of FILE, a did.json or a did.jsonl."""
    new = read_document(document)
    if is_log(file):
        signer = open_key(_needed(update_key), password_file)
        _continued(file, read_log(file).update(signer, document=new), as_json)
        return
    from did.methods import web

    (data,) = web.update(read_document(file), new).values()
    write_file(file, data)
    _made(new["id"], [file], as_json)


@click.command()
@click.argument("file")
@click.option("--add", "added", multiple=True, metavar="KEY", help="List a new key in the document. " + _KEY_HELP)
@click.option(
    "--retire",
    "retired",
    multiple=True,
    metavar="NAME",
    help="No longer sign in with this key; what it signed still verifies.",
)
@click.option(
    "--remove", "removed", multiple=True, metavar="NAME", help="Take a key out; what it signed no longer verifies."
)
@click.option("--update-key", metavar="FILE", help="did:webvh: the key file that signs the entry.")
@click.option(
    "--new-update-key", "new_update_keys", multiple=True, metavar="KEY", help="did:webvh: from now on this one updates."
)
@click.option(
    "--next-key", "next_keys", multiple=True, metavar="KEY", help="did:webvh: pre-rotation: a next update key."
)
@password_option
@JSON
@clear_errors()
def rotate(
    *,
    file: str,
    added: tuple[str, ...],
    retired: tuple[str, ...],
    removed: tuple[str, ...],
    update_key: str | None,
    new_update_keys: tuple[str, ...],
    next_keys: tuple[str, ...],
    password_file: str | None,
    as_json: bool,
) -> None:
    """Change keys in FILE, a did.json or a did.jsonl: those of the document, those that update a did:webvh, or both."""
    if not (added or retired or removed or new_update_keys):
        terminal.fail(t("没有要更换的密钥", "no key to change: give --add, --retire, --remove or --new-update-key"))
    if not is_log(file):
        if update_key or new_update_keys or next_keys:
            terminal.fail(t("did:web 没有更新密钥", "a did:web has no update keys"))
        from did.methods import web

        old = read_document(file)
        new = _with_keys(old, added, retired, removed, password_file)
        (data,) = web.update(old, new).values()
        write_file(file, data)
        _made(new["id"], [file], as_json)
        return
    log = read_log(file)
    signer = open_key(_needed(update_key), password_file)
    following = [public_key(key, password_file) for key in next_keys]
    update_keys = [public_key(key, password_file) for key in new_update_keys]
    if log.latest.parameters.next_key_hashes and not update_keys:
        update_keys = [signer.public_key]
    rotated = log.update(
        signer,
        document=_with_keys(log.document, added, retired, removed, password_file),
        update_keys=update_keys or None,
        next_keys=following if following or log.latest.parameters.next_key_hashes else None,
    )
    _continued(file, rotated, as_json)


@click.command()
@click.argument("file")
@click.option("--key", "key_file", required=True, metavar="FILE", help="The witness's key file.")
@password_option
@JSON
@clear_errors()
def witness(*, file: str, key_file: str, password_file: str | None, as_json: bool) -> None:
    """Approve the last entry of the log FILE (verified first); the proof goes into did-witness.json beside it."""
    from datetime import UTC, datetime

    from did.methods.webvh import witnesses

    log = read_log(file)
    signer = open_key(key_file, password_file)
    if f"did:key:{signer.public_key.to_multikey()}" not in log.latest.witnesses.ids:
        terminal.fail(t("该密钥不是这一版本的见证人", "the key isn't that of a witness of this version"))
    version = log.latest.version_id
    path = Path(file).parent / "did-witness.json"
    before = path.read_bytes() if path.exists() else None
    write_file(str(path), witnesses.merge(before, version, [witnesses.approve(version, signer, datetime.now(UTC))]))
    human = t(f"已见证版本 {version}：{path}", f"version {version} approved: {path}")
    terminal.emit({"did": log.did, "versionId": version, "file": str(path)}, as_json=as_json, human=human)


@click.command()
@click.argument("file")
@click.option("--update-key", metavar="FILE", help="did:webvh: the key file that signs the last entry.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@password_option
@JSON
@clear_errors()
def deactivate(*, file: str, update_key: str | None, yes: bool, password_file: str | None, as_json: bool) -> None:
    """End the DID of FILE for good: a did:webvh gets its last entry, the document of a did:web is removed."""
    log = read_log(file) if is_log(file) else None
    identifier = log.did if log is not None else str(read_document(file).get("id"))
    signer = open_key(_needed(update_key), password_file) if log is not None else None
    if not yes:
        question = t(f"停用 {identifier}？此后不能恢复", f"deactivate {identifier}? This can't be undone")
        if not click.confirm(question, err=True):
            raise SystemExit(terminal.INPUT_UNUSABLE)
    if log is not None and signer is not None:
        _continued(file, log.deactivate(signer), as_json)
        return
    Path(file).unlink()
    human = t(
        f"{identifier} 已停用；服务器上的 {file} 也须删除",
        f"{identifier} deactivated; remove {file} from the server, too",
    )
    terminal.emit({"did": identifier, "removed": [file]}, as_json=as_json, human=human)


def _named(keys: Sequence[str], password_file: str | None) -> dict[str, PublicKey]:
    named: dict[str, PublicKey] = {}
    for number, text in enumerate(keys, 1):
        name, key = named_key(text, number, password_file)
        if name in named:
            raise ValueError(t(f"两个密钥同名 {name}", f"two keys of the name {name}"))
        named[name] = key
    return named


def _with_keys(
    document: Mapping[str, Any],
    added: Sequence[str],
    retired: Sequence[str],
    removed: Sequence[str],
    password_file: str | None,
) -> dict[str, Any]:
    """The document with other keys. A retired key stays for assertionMethod, so that what it signed still verifies."""
    from did.documents import absolute_id
    from did.methods.web import document_for
    from did.urls import resolve_reference

    base = document["id"]
    new: dict[str, Any] = json.loads(json.dumps(document))
    present = {absolute_id(method, base) for method in new.get("verificationMethod", [])}
    for name in (*retired, *removed):
        if f"{base}#{name.removeprefix('#')}" not in present:
            raise ValueError(t(f"文档中没有密钥 {name}", f"the document has no key {name}"))
    out = {f"{base}#{name.removeprefix('#')}" for name in removed}
    idle = {f"{base}#{name.removeprefix('#')}" for name in retired}
    new["verificationMethod"] = [m for m in new.get("verificationMethod", []) if absolute_id(m, base) not in out]
    for relationship in (
        "authentication",
        "assertionMethod",
        "capabilityDelegation",
        "capabilityInvocation",
        "keyAgreement",
    ):
        gone = out if relationship == "assertionMethod" else out | idle
        if relationship in new:
            kept = [e for e in new[relationship] if not isinstance(e, str) or resolve_reference(e, base) not in gone]
            new[relationship] = kept
    number = len(present) + 1
    for offset, text in enumerate(added):
        name, key = named_key(text, number + offset, password_file)
        made = document_for("did:web:a.example", {name: key})["verificationMethod"][0]
        new["verificationMethod"].append({**made, "id": f"{base}#{name}", "controller": base})
        for relationship in ("assertionMethod", "authentication"):
            new.setdefault(relationship, []).append(f"{base}#{name}")
    return new


def _service(text: str) -> dict[str, Any]:
    from did.strict_json import loads

    value = loads(text)
    if not isinstance(value, dict):
        raise ValueError(t("服务须为 JSON 对象", "a service is a JSON object"))
    return value


def _needed(update_key: str | None) -> str:
    if update_key is None:
        terminal.fail(t("did:webvh 需要 --update-key", "a did:webvh needs --update-key"))
    return update_key


def _continued(file: str, log: Log, as_json: bool) -> None:
    write_file(file, log.to_bytes())
    if log.latest.witnesses:
        terminal.note(
            t("发布前须由见证人确认（did witness）", "before it is published, witnesses must approve it (did witness)")
        )
    human = f"{log.did}\n  {t('版本', 'version')}: {log.latest.version_id}\n  {file}"
    result = {"did": log.did, "versionId": log.latest.version_id, "files": [file]}
    terminal.emit(result, as_json=as_json, human=human)


def _made(identifier: str, files: list[str], as_json: bool) -> None:
    human = "\n".join([identifier, *(f"  {file}" for file in files)])
    terminal.emit({"did": identifier, "files": files} if files else {"did": identifier}, as_json=as_json, human=human)
