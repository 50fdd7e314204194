"""Texts that are no JSON: compact JOSE (also broken over lines), PEM, QR codes, links, data: URLs, hexadecimal."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson

from ..envelope.media_types import form_of_media_type
from ..problems import ProblemError
from ..superseded import superseded
from .budget import Budget, Nested
from .result import Carried, Recognition

__all__ = ["of_jose", "of_lines", "of_text"]

_PART: Final = r"[A-Za-z0-9_-]"
_JWS: Final = re.compile(rf"{_PART}+\.{_PART}*\.{_PART}*")
_JWE: Final = re.compile(rf"{_PART}+\.{_PART}*\.{_PART}*\.{_PART}+\.{_PART}+")
_SD_JWT: Final = re.compile(rf"{_PART}+\.{_PART}+\.{_PART}*(?:~[A-Za-z0-9_.-]*)+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX: Final = re.compile(r"(?:0x)?(?:[0-9A-Fa-f]{2}){16,}")
_SPACE: Final = re.compile(r"\s+")
_LINK: Final = re.compile(
    r"(https?|openid4vp|openid-credential-offer|haip|eudi-openid4vp|mdoc|intent|didcomm)[:]", re.I
)
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_JOINED: Final = ("it was broken over lines, which were joined", "原文被换行断开，已拼接")
_KEY_FILE: Final = "liangzheng-key+jwe"


def of_text(bare: str, budget: Budget, nested: Nested) -> Recognition | None:
    """What text is that begins neither as JSON nor as markup; None when that is not known."""
    if bare.startswith("LZ1:"):
        return _of_own_qr(bare, budget, nested)
    if bare.startswith(("VP1-", "VPQR")):
        return Recognition("qr-vpqr", bare)
    if bare.startswith("VC1-"):
        return Recognition("qr-vc-barcode", bare)
    pem = _PEM.match(bare)
    if pem is not None:
        secret = "PRIVATE KEY" in pem[1]
        public = "PUBLIC KEY" in pem[1]
        return Recognition("private-key" if secret else "public-key" if public else "certificate", bare)
    if bare[:5].lower() == "data:":
        return _of_data_url(bare, budget, nested)
    if _LINK.match(bare) and not _SPACE.search(bare):
        return _of_link(bare)
    return of_lines(bare) or _of_form(bare, budget, nested) or _of_log(bare) or _of_encoded(bare, budget, nested)


def of_lines(bare: str) -> Recognition | None:
    """A compact JWS, SD-JWT or JWE, in one line or broken over several."""
    text = bare
    if text[:1] == ">":  # Quoted in a mail: every line begins with it, and no base64url does.
        text = "\n".join(line.lstrip("> ") for line in text.splitlines())
    text = text.removeprefix("Bearer ").strip("'\"`“”‘’«» \t\r\n")
    joined = _SPACE.sub("", text)
    found = of_jose(joined)
    if found is not None and joined != text:
        return replace(found, remarks=(_JOINED, *found.remarks))
    return found


def of_jose(text: str) -> Recognition | None:
    """What one compact serialisation is, by its protected header and the names of its claims."""
    if _JWE.fullmatch(text):
        header = _json_part(text.partition(".")[0])
        if header is None or "enc" not in header:
            return None
        return Recognition("key-file" if header.get("typ") == _KEY_FILE else "jwe", text)
    if not _JWS.fullmatch(text) and not _SD_JWT.fullmatch(text):
        return None
    header = _json_part(text.partition(".")[0])
    if header is None:
        return None
    typ = header.get("typ")
    claims = _json_part(text.split("~", 1)[0].split(".")[1]) or {}
    kind = _kind_of_jose(text, typ, claims)
    old = superseded("typ", typ)
    inner = claims.get("vc", claims) if isinstance(claims.get("vc", claims), Mapping) else claims
    names = [old] if old is not None else []
    names += of_document(inner)
    remarks = () if isinstance(typ, str) else (("its header has no typ", "其头部没有 typ"),)
    return Recognition(kind, text, _version_of_jose(typ, claims), tuple(dict.fromkeys(names)), remarks)


def _kind_of_jose(text: str, typ: object, claims: Mapping[str, Any]) -> str:
    name = typ.lower().removeprefix("application/") if isinstance(typ, str) else ""
    if name == "statuslist+jwt":
        return "status-list-token"
    if "~" in text:
        return "sd-jwt"
    form = form_of_media_type(name) if name else None
    if (form is not None and form.kind == "presentation") or ("vp" in claims and "vc" not in claims):
        return "jwt-presentation"
    old = superseded("typ", name)
    if "vc" in claims or "@context" in claims or "vct" in claims or old is not None:
        return "jwt"
    if form is not None and form.kind == "credential":
        return "jwt"
    if name.startswith("oauth-authz-req") or "dcql_query" in claims or "presentation_definition" in claims:
        return "presentation-request"
    return "other-jwt"


def _version_of_jose(typ: object, claims: Mapping[str, Any]) -> str:
    if "vct" in claims and "@context" not in claims:
        return "SD-JWT VC"
    if isinstance(claims.get("vc"), Mapping) or isinstance(claims.get("vp"), Mapping):
        inner = claims.get("vc") or claims.get("vp") or {}
        return (version_of(inner) or "VCDM 1.1") + f" in a {'vc' if 'vc' in claims else 'vp'} claim"
    return version_of(claims) or (f"typ {typ[:64]}" if isinstance(typ, str) else "")


_VERSIONS: Final = {
    "https://www.w3.org/ns/credentials/v2": "VCDM 2.0",
    "https://www.w3.org/2018/credentials/v1": "VCDM 1.1",
}


def version_of(document: Mapping[str, Any]) -> str:
    """The version of the data model, by the first context; "" when it is none."""
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    return _VERSIONS.get(first, "") if isinstance(first, str) else ""


def of_document(document: Mapping[str, Any]) -> list[Any]:
    """The names of old in a credential or presentation: contexts, types, suites, status types."""
    pairs: list[tuple[Any, Any]] = [("context", name) for name in _some(document.get("@context"))]
    pairs += [("credential_type", name) for name in _some(document.get("type"))]
    for proof in _some(document.get("proof")):
        if isinstance(proof, Mapping):
            pairs += [("suite", proof.get("type")), ("suite", proof.get("cryptosuite"))]
    for status in _some(document.get("credentialStatus")):
        if isinstance(status, Mapping):
            pairs += [("status", name) for name in _some(status.get("type"))]
    return [entry for place, name in pairs if (entry := superseded(place, name)) is not None]


def _some(value: Any) -> list[Any]:
    return value[:16] if isinstance(value, list) else [] if value is None else [value]


def _json_part(part: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error):
        return None
    return value if isinstance(value, dict) else None


def _of_own_qr(bare: str, budget: Budget, nested: Nested) -> Recognition:
    from ..qr import decode

    try:
        message = decode([line.strip() for line in bare.splitlines() if line.strip()])
    except ProblemError as error:
        return Recognition("qr-liangzheng", bare, remarks=((error.problems[0].detail, "二维码文本无法读取"),))
    return Recognition("qr-liangzheng", bare, carried=(Carried("", nested(orjson.dumps(message), budget)),))


def _of_data_url(bare: str, budget: Budget, nested: Nested) -> Recognition:
    head, _, body = bare[5:].partition(",")
    data = unquote_to_bytes(body)
    if head.endswith(";base64"):
        try:
            data = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            return Recognition("data-url", bare)
    return Recognition("data-url", bare, head.partition(";")[0][:100], carried=(Carried("", nested(data, budget)),))


def _of_form(bare: str, budget: Budget, nested: Nested) -> Recognition | None:
    """The body of a form in which a wallet posts its response (OpenID4VP section 8.2)."""
    if not bare.startswith(_FORM_MEMBERS):
        return None
    try:
        fields = parse_qsl(bare, max_num_fields=32, errors="replace")
    except ValueError:
        return None
    if len({name for name, _ in fields}) != len(fields):
        return Recognition("oid4vp-response", bare, remarks=((_TWICE, "表单中有重复的字段"),))
    carried = tuple(
        Carried(f"/{name}", nested(value, budget)) for name, value in fields if name in ("vp_token", "response")
    )
    return Recognition("oid4vp-response", bare, "a form", carried=carried)


_FORM_MEMBERS: Final = ("vp_token=", "response=", "state=", "presentation_submission=", "id_token=")
_TWICE: Final = "a field of the form is there twice"


def _of_link(bare: str) -> Recognition:
    start = bare[:2000].lower()
    if "credential_offer" in start or start.startswith("openid-credential-offer"):
        return Recognition("oid4vci-offer", bare)
    if any(word in start for word in ("request_uri=", "dcql_query", "presentation_definition", "response_type=vp")):
        return Recognition("presentation-request", bare)
    return Recognition("link", bare)


def _of_log(bare: str) -> Recognition | None:
    first = bare.split("\n", 1)[0]
    return Recognition("did-log", bare) if '"versionId"' in first and '"parameters"' in first else None


def _of_encoded(bare: str, budget: Budget, nested: Nested) -> Recognition | None:
    """Bytes in hexadecimal or base64, when they are something that is known."""
    joined = _SPACE.sub("", bare)
    data = b""
    try:
        if _HEX.fullmatch(joined):
            data = bytes.fromhex(joined.removeprefix("0x"))
        elif _BASE64.fullmatch(joined):
            padded = joined.rstrip("=").replace("+", "-").replace("/", "_")
            data = base64.urlsafe_b64decode(padded + "=" * (-len(padded) % 4))
    except (ValueError, binascii.Error):
        return None
    found = nested(data, budget) if data else None
    if found is None or found.kind in ("unknown", "empty", "cbor"):
        return None
    if found.kind == "cose" and joined == bare and not _HEX.fullmatch(joined):
        return Recognition("cose", bare)
    return Recognition("hexadecimal", bare, carried=(Carried("", found),))
