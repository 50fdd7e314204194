"""JSON: what an object is by its members, and what stands in a wrapper, at which pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..envelope.sd_jwt import is_json_serialisation
from ..model import is_enveloped
from ..parsing import loads
from ..problems import Problem, ProblemError
from ..superseded import superseded
from .budget import MAX_CARRIED, Budget, Nested
from .result import Carried, Recognition
from .texts import of_document, version_of

__all__ = ["of_object", "of_other", "parse"]

_MAX_NODES: Final = 20_000
_MAX_DEPTH: Final = 12
_SHORTEST: Final = 40
"""Characters of a string that may be a credential: no JWT is shorter."""
_LISTS: Final = frozenset(
    {
        "BitstringStatusListCredential",
        "StatusList2021Credential",
        "RevocationList2020Credential",
        "RevocationList2021Credential",
    }
)


def parse(text: str) -> Any:
    """The JSON value in ``text``, under the rules and limits of vc.parsing, whatever kind of value it is."""
    if text.startswith("{"):
        return loads(text)
    wrapped = loads('{"":' + text + "}")
    if len(wrapped) != 1:
        raise ProblemError(Problem("parse.json", "text after the end of the JSON value"))
    return wrapped[""]


def of_object(document: dict[str, Any], budget: Budget, nested: Nested) -> Recognition:
    """What a JSON object is."""
    types = _types(document)
    if is_enveloped(document) or ("@context" not in document and is_json_serialisation(document)):
        kind = "sd-jwt-json" if "payload" in document else "credential"
        kind = "presentation" if "EnvelopedVerifiablePresentation" in types else kind
        return Recognition(kind, document, version_of(document))
    kind = _kind_of_document(document, types)
    if kind:
        return Recognition(kind, document, version_of(document), tuple(of_document(document)))
    kind = next((name for name, fits in _SIGNS if fits(document)), "")
    if kind in _CLOSED:
        return Recognition(kind, document, _version_of_other(document))
    carried, left_off = _carried(document, budget, nested)
    if not kind:
        kind = "json-wrapper" if carried else "json"
    return Recognition(kind, document, _version_of_other(document), _of_old(document), (), tuple(carried), left_off)


def of_other(value: Any, budget: Budget, nested: Nested) -> Recognition:
    """What an array or string is (numbers and the like are JSON that is nothing here)."""
    if isinstance(value, str):
        return Recognition("json-string", value, carried=(Carried("", nested(value, budget)),))
    if isinstance(value, list):
        carried, left_off = _carried(value, budget, nested)
        return Recognition("json-array", "", carried=tuple(carried), left_off=left_off)
    return Recognition("json", "")


def _kind_of_document(document: Mapping[str, Any], types: list[str]) -> str:
    """The kind of what has the form of a credential or presentation; "" for everything else."""
    proven = "proof" in document
    if "VerifiablePresentation" in types:
        return "presentation" if proven else "unsecured-presentation"
    if not _LISTS.isdisjoint(types) and proven:
        return "status-list"
    if "TrustListCredential" in types and proven:
        return "trust-list"
    if "VerifiableCredential" in types or ("credentialSubject" in document and "@context" in document):
        return "credential" if proven else "unsecured-credential"
    return "credential" if proven and "@context" in document else ""


def _types(document: Mapping[str, Any]) -> list[str]:
    value = document.get("type", document.get("@type"))
    values = value if isinstance(value, list) else [value]
    return [name for name in values[:32] if isinstance(name, str)]


def _has(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda document: all(name in document for name in names)


def _has_any(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda document: any(name in document for name in names)


def _is_did_document(document: Mapping[str, Any]) -> bool:
    return str(document.get("id")).startswith("did:") and any(
        name in document for name in ("verificationMethod", "authentication", "assertionMethod", "service", "@context")
    )


def _is_private_key(document: Mapping[str, Any]) -> bool:
    return ("kty" in document and "d" in document) or any(
        name.startswith(("secretKey", "privateKey")) for name in document
    )


def _is_key(document: Mapping[str, Any]) -> bool:
    keys = document.get("keys")
    return "kty" in document or (isinstance(keys, list) and all(isinstance(k, dict) and "kty" in k for k in keys))


def _has_type(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda document: not set(names).isdisjoint(_types(document))


def _is_didcomm(document: Mapping[str, Any]) -> bool:
    return any("didcomm" in name or "/issue-credential/" in name for name in _types(document))


def _is_request(document: Mapping[str, Any]) -> bool:
    if any(name in document for name in ("dcql_query", "presentation_definition", "input_descriptors")):
        return True
    return "PresentationRequest" in _types(document) or ("query" in document and "challenge" in document)


def _is_open_badge_2(document: Mapping[str, Any]) -> bool:
    return "w3id.org/openbadges/v2" in str(document.get("@context"))[:500] or (
        "badge" in document and "recipient" in document
    )


_SIGNS: Final[tuple[tuple[str, Callable[[Mapping[str, Any]], bool]], ...]] = (
    ("private-key", _is_private_key),
    ("did-resolution", _has("didDocument")),
    ("did-document", _is_did_document),
    ("public-key", _is_key),
    ("open-badge-2", _is_open_badge_2),
    ("jwe", _has("ciphertext", "iv")),
    ("kit", _has_type("LiangzhengOfflineKit")),
    ("receipt", _has_type("VerificationReceipt", "Receipt")),
    ("oid4vp-response", _has("vp_token")),
    ("presentation-request", _is_request),
    ("oid4vci-offer", _has_any("credential_offer_uri", "credential_configuration_ids")),
    ("issuer-metadata", _has_any("credential_configurations_supported", "credential_endpoint")),
    ("oid4vci-response", lambda d: _in_openid(d) and ("credentials" in d or "credential" in d)),
    ("transport-message", _has("sdJwts")),
    ("chapi", _has("dataType", "data")),
    ("didcomm", _is_didcomm),
    ("did-configuration", _has("linked_dids")),
    ("verification-result", lambda d: "verified" in d and ("checks" in d or "results" in d or "problemDetails" in d)),
    ("vc-api", _has_any("verifiableCredential", "verifiablePresentation", "verifiableCredentials")),
    ("vc-api", lambda d: "options" in d and ("credential" in d or "presentation" in d)),
    ("schema", _has_any("$schema")),
    ("context", _has("@context")),
)
"""The first sign that fits says what an object is that is no credential and no presentation."""

_CLOSED: Final = frozenset(
    {"private-key", "public-key", "did-document", "jwe", "open-badge-2", "verification-result", "context", "schema"}
    | {"kit", "receipt"}
)
"""In these nothing is looked for: what stands there is not what whoever gave it wants verified."""


def _in_openid(document: Mapping[str, Any]) -> bool:
    entries = document.get("credentials")
    if isinstance(entries, list) and entries and all(isinstance(one, dict) and "credential" in one for one in entries):
        return True
    names = ("c_nonce", "notification_id", "transaction_id", "format")
    return any(name in document for name in names) or (
        isinstance(document.get("credential"), str) and len(document) <= 3
    )


def _version_of_other(document: Mapping[str, Any]) -> str:
    if "vp_token" in document:
        old = "presentation_submission" in document
        return "drafts before 23 (presentation_submission)" if old else "OpenID4VP 1.0"
    if "credential" in document and ("c_nonce" in document or "format" in document):
        return "drafts before 15 (one credential)"
    return ""


def _of_old(document: Mapping[str, Any]) -> tuple[Any, ...]:
    old = superseded("media_type", document.get("format"))
    return () if old is None else (old,)


def _carried(value: Any, budget: Budget, nested: Nested) -> tuple[list[Carried], bool]:
    """What stands in an object or array: documents, envelopes, and strings that are such; in order."""
    found: list[Carried] = []
    for nodes, (pointer, node) in enumerate(_walk(value, "", 0)):
        if nodes >= _MAX_NODES or len(found) >= MAX_CARRIED:
            return found, True
        if isinstance(node, str):
            what = nested(node, budget)
        else:
            kind = _kind_of_document(node, _types(node))
            what = Recognition(kind, node, version_of(node), tuple(of_document(node))) if kind else _other(node)
        if what.kind not in ("unknown", "json", "empty", "link", "public-key", "json-string", "text-encoding"):
            found.append(Carried(pointer, what))
    return found, False


def _other(node: dict[str, Any]) -> Recognition:
    if is_enveloped(node) or ("@context" not in node and is_json_serialisation(node)):
        return Recognition("sd-jwt-json" if "payload" in node else "credential", node)
    return Recognition("did-document" if _is_did_document(node) else "json", node)


def _walk(value: Any, pointer: str, depth: int) -> Iterator[tuple[str, Any]]:
    """The objects and longer strings below ``value`` with their pointers; nothing below a document."""
    if depth > _MAX_DEPTH:
        return
    items: Any = enumerate(value) if isinstance(value, list) else value.items()
    for name, item in items:
        place = f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
        if isinstance(item, str):
            if len(item) >= _SHORTEST:
                yield place, item
        elif isinstance(item, dict):
            yield place, item
            if not _kind_of_document(item, _types(item)) and not is_enveloped(item) and not _is_did_document(item):
                yield from _walk(item, place, depth + 1)
        elif isinstance(item, list):
            yield from _walk(item, place, depth + 1)
