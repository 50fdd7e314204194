"""``liangzheng did resolve | dereference | bundle``: reading DIDs, from the network, a folder or an offline bundle."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import terminal
from ..terminal import t
from .did_files import FolderFetcher, write_file
from .key_input import open_key, password_option, public_key
from .shared import JSON, MOMENT, clear_errors

if TYPE_CHECKING:
    from did import Resolution, Resolver
    from did.resolution import FetcherProtocol

__all__ = ["bundle", "dereference", "resolve"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _source_options(command: _Command) -> _Command:
    for option in (
        click.option("--trust", metavar="KEY", help="With --bundle: the signer's did:key, multikey or key file."),
        click.option("--bundle", "bundle_file", metavar="FILE", help="Read from an offline bundle, not the network."),
        click.option("--from", "folder", metavar="FOLDER", help="Read files from a folder, not from the network."),
        click.option("--offline", is_flag=True, help="No network: did:key, did:jwk and did:peer only."),
        click.option(
            "--allow", multiple=True, metavar="POLICY", help="did-web-general-media-types: any host's did.json."
        ),
        click.option("--loopback", is_flag=True, help="Allow localhost, over http (for development)."),
        password_option,
        JSON,
    ):
        command = option(command)
    return command


@click.command()
@click.argument("did")
@click.option("--version-id", metavar="ID", help="That version of the document.")
@click.option(
    "--version-time", type=MOMENT, metavar="TIME", help="The document of that time, such as 2026-01-31T08:00:00Z."
)
@click.option("--version-number", type=int, metavar="N", help="The N-th version (did:webvh).")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="A resolution option of the method.")
@_source_options
@clear_errors()
def resolve(
    *,
    did: str,
    version_id: str | None,
    version_time: datetime | None,
    version_number: int | None,
    options: tuple[str, ...],
    as_json: bool,
    **source: Any,
) -> None:
    """Show the document of DID. Ends with 1 when there is none, or it can't be trusted or reached."""
    asked: dict[str, Any] = dict(_pair(option) for option in options)
    if version_id is not None:
        asked["versionId"] = version_id
    if version_time is not None:
        asked["versionTime"] = version_time
    if version_number is not None:
        asked["versionNumber"] = version_number
    result = _resolver(**source).resolve(did, **asked)
    terminal.emit(result.to_dict(), as_json=as_json, human=_human(result))
    if result.deactivated and result.document is None:
        raise SystemExit(terminal.NOT_VERIFIED)


@click.command()
@click.argument("did_url")
@click.option("--purpose", metavar="RELATIONSHIP", help="Demand that the method is listed for it: assertionMethod, ...")
@click.option("--accept", metavar="TYPE", help="The form wanted; text/uri-list gives service endpoints as URLs.")
@click.option("--output", "-o", metavar="FILE", help="Write a file that the DID URL leads to, instead of printing it.")
@_source_options
@clear_errors()
def dereference(
    *, did_url: str, purpose: str | None, accept: str | None, output: str | None, as_json: bool, **source: Any
) -> None:
    """Show what DID_URL names: a document, a key, a service, a file."""
    from did.urls import parse_did_url

    if accept is None and {"service", "serviceType"} & parse_did_url(did_url).parameters.keys() and not as_json:
        accept = "text/uri-list"
    result = _resolver(**source).dereference_url(did_url, accept=accept, verificationRelationship=purpose)
    if isinstance(result.content, bytes) and not as_json:
        if output is not None:
            write_file(output, result.content)
        else:
            sys.stdout.buffer.write(result.content)
        return
    human = "\n".join(result.content) if isinstance(result.content, list) else None
    terminal.emit(result.to_dict() if as_json else result.content, as_json=as_json, human=human)


@click.command()
@click.argument("dids", nargs=-1, required=True)
@click.option("--key", "key_file", required=True, metavar="FILE", help="The key file that signs the bundle.")
@click.option("--output", "-o", required=True, metavar="FILE", help="The bundle to write.")
@click.option(
    "--hours", type=click.FloatRange(min=0.01, max=744), default=24.0, show_default=True, help="How long it is good."
)
@click.option("--url", "urls", multiple=True, metavar="URL", help="A further file, such as a status list.")
@click.option("--from", "folder", metavar="FOLDER", help="Read files from a folder, not from the network.")
@click.option("--loopback", is_flag=True, help="Allow localhost, over http (for development).")
@password_option
@JSON
@clear_errors()
def bundle(
    *,
    dids: tuple[str, ...],
    key_file: str,
    output: str,
    hours: float,
    urls: tuple[str, ...],
    folder: str | None,
    loopback: bool,
    password_file: str | None,
    as_json: bool,
) -> None:
    """Put what a verifier needs to know of DIDS into one signed, dated file, to be used without network."""
    from did.bundles import make
    from did.dereferencing import DOCUMENT_TYPES
    from did.resolution import FetchRequest

    fetcher = _fetcher(folder, loopback)
    wanted = (*DOCUMENT_TYPES, "application/vc", "application/vc+ld+json")
    data = make(
        dids,
        open_key(key_file, password_file),
        fetcher=fetcher,
        requests=[FetchRequest(url, wanted) for url in urls],
        valid_for=timedelta(hours=hours),
        http_loopback=loopback,
    )
    write_file(output, data)
    expires = json.loads(data)["expires"]
    human = t(f"离线包 {output}，有效至 {expires}", f"offline bundle {output}, good until {expires}")
    terminal.emit({"file": output, "expires": expires, "dids": list(dids)}, as_json=as_json, human=human)


def _pair(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not equals or not name:
        raise ValueError(t(f"选项 {option} 须为 名称=值", f"the option {option} has to be NAME=VALUE"))
    return name, value


def _resolver(
    *,
    offline: bool,
    loopback: bool,
    folder: str | None,
    bundle_file: str | None,
    trust: str | None,
    password_file: str | None,
    allow: tuple[str, ...] = (),
) -> Resolver:
    from did import Resolver
    from did.bundles import MAX_BUNDLE, open_bundle

    if bundle_file is not None:
        if trust is None:
            raise ValueError(
                t("使用 --bundle 须以 --trust 给出签名者的公钥", "--bundle needs --trust: whose signature counts")
            )
        key = public_key(trust, password_file)
        with Path(bundle_file).open("rb") as file:
            data = file.read(MAX_BUNDLE + 1)
        return Resolver(fetcher=open_bundle(data, _trusted(data, key)), http_loopback=loopback)
    if offline:
        return Resolver()
    return Resolver(fetcher=_fetcher(folder, loopback), http_loopback=loopback, policies=frozenset(allow))


def _trusted(data: bytes, key: Any) -> dict[str, Any]:
    """Whatever verification method the bundle names has to be this one key."""
    from did import DidError
    from did.bundles import MAX_BUNDLE
    from did.strict_json import loads

    try:
        named = loads(data, max_bytes=MAX_BUNDLE)
    except DidError:
        return {}
    method = named.get("verificationMethod") if isinstance(named, dict) else None
    return {method: key} if isinstance(method, str) else {}


def _fetcher(folder: str | None, loopback: bool) -> FetcherProtocol:
    if folder is not None:
        return FolderFetcher(folder)
    try:
        import aiohttp  # noqa: F401
    except ModuleNotFoundError:
        terminal.fail(
            t(
                "访问网络需要：pip install 'liangzheng[http]'",
                "for the network, pip install 'liangzheng[http]' (or --offline)",
            )
        )
    from did.fetcher import Fetcher

    return Fetcher(allow_loopback=loopback)


def _human(result: Resolution) -> str:
    """Who controls what, at a glance."""
    from did.documents import absolute_id, embedded_objects, services
    from did.urls import resolve_reference
    from did.verification_methods import RELATIONSHIPS

    lines = [result.did]
    metadata = result.document_metadata
    for name, label in (
        ("versionId", t("版本", "version")),
        ("created", t("创建", "created")),
        ("updated", t("更新", "updated")),
    ):
        if name in metadata:
            lines.append(f"  {label}: {metadata[name]}")
    if result.deactivated:
        lines.append("  " + t("已停用：不得再据以验证", "deactivated: nothing may be verified with it"))
    document = result.document
    if document is None:
        return "\n".join(lines)
    listed: dict[str, list[str]] = {}
    for relationship in RELATIONSHIPS:
        for entry in document.get(relationship) or ():
            name = resolve_reference(entry, result.did) if isinstance(entry, str) else absolute_id(entry, result.did)
            listed.setdefault(name, []).append(relationship)
    offered = services(document)
    for found in embedded_objects(document):
        if found not in offered:
            name = absolute_id(found, result.did)
            purposes = ", ".join(listed.get(name, [])) or t("无用途", "for nothing")
            lines.append(f"  {t('密钥', 'key')} {name.removeprefix(result.did)} ({found['type']}): {purposes}")
    for service in offered:
        name = absolute_id(service, result.did).removeprefix(result.did)
        endpoint = service["serviceEndpoint"]
        shown = endpoint if isinstance(endpoint, str) else json.dumps(endpoint, ensure_ascii=False)
        lines.append(f"  {t('服务', 'service')} {name} ({service['type']}): {shown}")
    for alias in document.get("alsoKnownAs") or ():
        lines.append(f"  {t('亦称', 'also known as')}: {alias}")
    return "\n".join(lines)
