"""Offline kits: what a verifier needs for some days without network, signed by an operator and dated.

A kit holds the contents of ``VerificationMaterial``: contexts, DID documents, status lists, trust anchors, type
metadata, schemas. It takes the place of the network, so whoever opens one says whose kits are trusted; what is in it is
checked like anything that was fetched (DID documents by their id, status lists by their issuer's signature).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from did import DidError, Resolver
from did.timestamps import read_datetime

from .material import VerificationMaterial
from .parsing import Limits, loads
from .problems import Problem, ProblemError

if TYPE_CHECKING:
    from did import Signer

__all__ = ["MAX_KIT", "MAX_VALIDITY", "Kit", "make_kit", "open_kit"]

MAX_KIT: Final = 64 * 1024 * 1024
"""Bytes of a kit at most."""
MAX_VALIDITY: Final = timedelta(days=31)
"""How long a kit may be good: what is revoked meanwhile is not seen."""

_TYPE: Final = "LiangzhengOfflineKit"
_DOMAIN: Final = b"liangzheng offline kit\0"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_SKEW: Final = timedelta(minutes=5)
_LIMITS: Final = Limits(size=MAX_KIT, depth=40, members=200_000)
_MEMBERS: Final = frozenset({"type", "created", "expires", "verificationMethod", "material", "signature"})
_KINDS: Final = frozenset({"contexts", "dids", "statusLists", "anchors", "typeMetadata", "schemas"})


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit that was opened: ``digest`` is the SHA-256 of its bytes (lower-case hex), ``created`` and ``expires`` are
    times in UTC, ``signer`` is the DID that signed it.
    """

    material: VerificationMaterial
    digest: str
    signer: str
    created: str
    expires: str


def make_kit(
    material: VerificationMaterial, signer: Signer, *, valid_for: timedelta, now: datetime | None = None
) -> bytes:
    """The bytes of a kit. ``now``: aware; by default the system's time. Raises ValueError for over 31 days."""
    if not timedelta() < valid_for <= MAX_VALIDITY:
        raise ValueError(f"a kit is good for up to {MAX_VALIDITY.days} days")
    created = (datetime.now(UTC) if now is None else now).astimezone(UTC)
    kit: dict[str, Any] = {
        "type": _TYPE,
        "created": created.strftime(_TIME),
        "expires": (created + valid_for).strftime(_TIME),
        "verificationMethod": signer.verification_method,
        "material": {
            "contexts": _texts(material.contexts),
            "dids": {did: dict(document) for did, document in material.dids.items()},
            "statusLists": [_text(content) for content in material.status_lists],
            "anchors": [_text(content) for content in material.anchors],
            "typeMetadata": _texts(material.type_metadata),
            "schemas": _texts(material.schemas),
        },
    }
    kit["signature"] = _text(signer.sign(_signed_bytes(kit)))
    content = json.dumps(kit, ensure_ascii=False, indent=1).encode() + b"\n"
    if len(content) > MAX_KIT:
        raise ValueError(f"a kit has at most {MAX_KIT} bytes")
    return content


def open_kit(data: bytes, trusted: Iterable[str], *, now: datetime | None = None) -> Kit:
    """The contents of a kit that one of the ``trusted`` DIDs signed (of methods that need no network: did:key).

    ``now``: aware; by default the system's time. Raises ProblemError: ``kit.form`` (unreadable, over a limit),
    ``kit.signer`` (somebody else signed it), ``kit.signature`` (it was changed), ``kit.period`` (over, or not yet).
    """
    moment = (datetime.now(UTC) if now is None else now).astimezone(UTC)
    kit = loads(data, limits=_LIMITS)
    if kit.get("type") != _TYPE or kit.keys() != _MEMBERS:
        raise _problem("kit.form", "not an offline kit", "不是离线工具包")
    signer = _check_signature(kit, tuple(trusted))
    created, expires = _moment(kit["created"]), _moment(kit["expires"])
    if created > moment + _SKEW or expires - created > MAX_VALIDITY:
        raise _problem(
            "kit.period",
            f"the kit is dated {kit['created']} to {kit['expires']}: from the future, or for over 31 days",
            f"工具包日期为 {kit['created']} 至 {kit['expires']}：晚于现在，或超过 31 天",
        )
    if moment >= expires:
        at = moment.strftime(_TIME)
        raise _problem(
            "kit.period",
            f"the kit ended at {kit['expires']}; it is {at}",
            f"工具包已于 {kit['expires']} 到期，现在是 {at}",
        )
    digest = hashlib.sha256(data).hexdigest()
    return Kit(_material(kit["material"]), digest, signer, kit["created"], kit["expires"])


def _check_signature(kit: dict[str, Any], trusted: tuple[str, ...]) -> str:
    """The DID that signed. The method has to be one that a trusted DID lists for assertions."""
    method, signature = kit["verificationMethod"], kit["signature"]
    signer = method.partition("#")[0] if isinstance(method, str) else ""
    if signer not in trusted:
        expected = ", ".join(trusted)[:300]
        raise _problem(
            "kit.signer",
            f"the kit is signed by {signer[:200] or 'nobody'}, trusted is {expected}",
            f"工具包由 {signer[:200] or '无人'} 签名，受信任的是 {expected}",
        )
    try:
        key = Resolver().dereference(method, "assertionMethod").public_key
    except DidError as error:
        raise _problem(
            "kit.signer", f"the signer's key can't be had offline: {error}", "无法离线取得签名者的密钥"
        ) from None
    if not isinstance(signature, str) or not key.verify(_bytes(signature), _signed_bytes(kit)):
        raise _problem("kit.signature", "the kit was changed: its signature doesn't hold", "工具包已被改动：签名不符")
    return signer


def _material(value: Any) -> VerificationMaterial:
    if not isinstance(value, dict) or value.keys() != _KINDS:
        raise _problem("kit.form", "the kit has other contents than a kit has", "工具包的内容有误")
    dids, lists, anchors = value["dids"], value["statusLists"], value["anchors"]
    if not isinstance(dids, dict) or not all(isinstance(document, dict) for document in dids.values()):
        raise _problem("kit.form", "the DID documents of a kit are objects by DID", "工具包中的 DID 文档有误")
    if not isinstance(lists, list) or not isinstance(anchors, list):
        raise _problem("kit.form", "status lists and anchors of a kit are arrays", "工具包中的状态列表或信任锚有误")
    return VerificationMaterial(
        _named(value["contexts"]),
        dids,
        tuple(_bytes(item) for item in lists),
        tuple(_bytes(item) for item in anchors),
        _named(value["typeMetadata"]),
        _named(value["schemas"]),
    )


def _named(value: Any) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise _problem("kit.form", "the files of a kit are objects by URL", "工具包中的文件有误")
    return {name: _bytes(text) for name, text in value.items()}


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise _problem("kit.form", "the bytes in a kit are base64", "工具包中的字节应为 base64") from None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _texts(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _text(content) for name, content in contents.items()}


def _moment(text: Any) -> datetime:
    try:
        return read_datetime(text)
    except (ValueError, TypeError):
        raise _problem("kit.form", "the dates of a kit are as 2026-01-31T08:00:00Z", "工具包的日期有误") from None


def _signed_bytes(kit: Mapping[str, Any]) -> bytes:
    import rfc8785

    unsigned = {name: value for name, value in kit.items() if name != "signature"}
    try:
        return _DOMAIN + rfc8785.dumps(unsigned)
    except rfc8785.CanonicalizationError:
        raise _problem("kit.form", "a kit without a canonical form", "工具包没有规范形式") from None


def _problem(code: str, detail: str, detail_zh: str) -> ProblemError:
    return ProblemError(Problem(code, detail, detail_zh=detail_zh))
