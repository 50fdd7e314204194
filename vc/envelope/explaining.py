"""Every intermediate value of envelopes, for ``vc.explain``: what was signed and hidden, which key was used and why.

Nothing here decides anything: an envelope that is refused is shown as far as it can be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..checks.secured import MAX_CREDENTIALS
from ..needs import run
from ..problems import ProblemError
from . import sd_jwt
from .algorithms import hash_of
from .cose import CoseSign1
from .disclosures import DEFAULT_HASH, MAX_DISCLOSURES, Disclosure, digests_of, hash_name
from .disclosures import parse as parse_disclosures
from .jws import Jws, decoded, parse_compact, read_json
from .payload import document_of
from .reading import Envelope, is_envelope, read_envelope
from .signing_key import Found, find_method, find_named

if TYPE_CHECKING:
    from ..checks.expectations import Expectations

__all__ = ["explain_envelopes"]

_MAX_DEPTH: Final = 64


def explain_envelopes(document: bytes | str | Mapping[str, Any], expected: Expectations) -> list[dict[str, Any]]:
    """The values of every envelope in ``document``: of itself, and of the credentials in a presentation.

    Each has its JSON ``pointer``. ``header`` and ``payload`` are as signed, ``claims`` as they are with the disclosures
    in place; ``signingInput``, its hash and ``signature`` are lower-case hex. ``disclosures`` have their digests, where
    the digest stands (``digestAt``, a JSON pointer into these values) and where the disclosed value does (``pointer``,
    into the claims). ``keyBinding`` has the hash that it carries (``sdHash``) beside the one that it has to carry.
    ``problems`` are why an envelope could not be read further.

    Raises ProblemError when ``document`` is text or bytes that have to be an envelope, and nothing of it can be read.
    """
    found = []
    content: Mapping[str, Any] = {}
    if is_envelope(document):
        try:
            envelope = read_envelope(document, profile=expected.envelopes)
        except ProblemError as error:
            return [{"pointer": "", **_partly(document, error, strict=not isinstance(document, Mapping))}]
        found.append({"pointer": "", **_explained(envelope, expected)})
        content = document_of(envelope)
    elif isinstance(document, Mapping):
        content = document
    for pointer, credential in _contained(content):
        try:
            values = _explained(read_envelope(credential, profile=expected.envelopes), expected)
        except ProblemError as error:
            values = _partly(credential, error, strict=False)
        found.append({"pointer": pointer, **values})
    return found


def _contained(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The enveloped credentials of a presentation, with their pointers."""
    value = content.get("verifiableCredential")
    many = isinstance(value, list)
    for index, item in enumerate(value[:MAX_CREDENTIALS] if isinstance(value, list) else [value]):
        if isinstance(item, Mapping) and is_envelope(item):
            yield f"/verifiableCredential/{index}" if many else "/verifiableCredential", item


def _explained(envelope: Envelope, expected: Expectations) -> dict[str, Any]:
    signed, parsed = envelope.signed, envelope.sd_jwt
    values: dict[str, Any] = {"envelope": envelope.form.name, "header": _plain(envelope.header)}
    if isinstance(signed, CoseSign1) and signed.unprotected:
        values["unprotected"] = _plain(signed.unprotected)
    values["payload"] = envelope.claims if parsed is None else parsed.payload
    if parsed is not None:
        values["digestAlgorithm"] = hash_name(parsed.payload)
        values["disclosures"] = _disclosures(parsed.payload, [item.text for item in parsed.disclosures])
        pointers = {place.disclosure.text: place.pointer for place in parsed.revealed.places}
        for entry in values["disclosures"]:
            entry["pointer"] = pointers.get(entry["disclosure"])
        values["undisclosed"] = parsed.revealed.undisclosed
        values["claims"] = envelope.claims
    values |= _signature(signed)
    purpose = "authentication" if envelope.kind == "presentation" else "assertionMethod"
    method = run(
        find_method(envelope, purpose, profile=expected.envelopes, resolver=expected.resolver, now=expected.now)
    )
    known = expected.envelopes.method(envelope, purpose) is not None
    values["verificationMethod"] = _method(method, "it was known beforehand" if known else _reason(method, purpose))
    if parsed is not None and parsed.binding is not None:
        values["keyBinding"] = _key_binding(parsed, parsed.binding, expected)
    return values


def _signature(signed: Jws | CoseSign1) -> dict[str, Any]:
    algorithm = signed.header.get(1) if isinstance(signed, CoseSign1) else signed.header.get("alg")
    values = {"signingInput": signed.signing_input.hex()}
    name = hash_of(algorithm)
    if name:
        values["signingInputHash"] = hashlib.new(name, signed.signing_input).hexdigest()
    return {**values, "signature": signed.signature.hex()}


def _method(found: Found, reason: str) -> dict[str, Any]:
    method, problem, _ = found
    if method is None:
        return {"problem": problem.to_dict() if problem is not None else None}
    return {
        "id": method.id,
        "type": method.type,
        "controller": method.controller,
        "publicKeyMultibase": method.public_key.to_multikey(),
        "allowedBecause": reason,
    }


def _reason(found: Found, purpose: str) -> str:
    method = found[0]
    if method is None:
        return ""
    if method.type == "X509Certificate":
        return f"its certificate names {method.controller} and leads to a trusted anchor"
    return f"{method.controller} lists it under {purpose}"


def _key_binding(parsed: sd_jwt.SdJwt, binding: sd_jwt.KeyBinding, expected: Expectations) -> dict[str, Any]:
    values: dict[str, Any] = {
        "header": _plain(binding.jws.header),
        "payload": read_json(binding.jws.payload, "the key binding"),
        "sdHash": binding.sd_hash,
        "expectedSdHash": binding.expected_hash,
        **_signature(binding.jws),
    }
    confirmation = parsed.claims.get("cnf")
    try:
        if isinstance(confirmation, Mapping) and "jwk" not in confirmation and isinstance(confirmation.get("kid"), str):
            found = run(find_named(confirmation["kid"], expected.resolver))
            values["verificationMethod"] = _method(found, f"cnf names it, and {_reason(found, 'authentication')}")
        else:
            key = sd_jwt.confirmation_key(parsed.claims).to_multikey()
            values["verificationMethod"] = {"publicKeyMultibase": key, "allowedBecause": "cnf has it"}
    except ProblemError as error:
        values["verificationMethod"] = {"problem": error.problems[0].to_dict()}
    return values


def _disclosures(payload: Mapping[str, Any], texts: Sequence[str]) -> list[dict[str, Any]]:
    """Each disclosure with its salt, name, value and digest; ``problem`` where it is none."""
    try:
        digests = digests_of(texts, hash_name(payload))
    except (ProblemError, UnicodeEncodeError):
        digests = [""] * len(texts)
    entries: list[dict[str, Any]] = []
    for text, digest in zip(texts, digests, strict=True):
        entry: dict[str, Any] = {"disclosure": text, "digest": digest, "digestAt": None}
        try:
            entry |= _disclosure(parse_disclosures((text,))[0])
        except ProblemError as error:
            entry["problem"] = error.problems[0].to_dict()
        entries.append(entry)
    places = dict(_digests(payload, "/payload", 0))
    for index, entry in enumerate(entries):
        places |= dict(_digests(entry.get("value"), f"/disclosures/{index}/value", 0))
    for entry in entries:
        entry["digestAt"] = places.get(entry["digest"])
    return entries


def _disclosure(disclosure: Disclosure) -> dict[str, Any]:
    raw = read_json(b'{"d":%b}' % decoded(disclosure.text, "a disclosure"), "a disclosure")
    named = {} if disclosure.name is None else {"name": disclosure.name}
    return {"salt": raw["d"][0], **named, "value": disclosure.value}


def _digests(value: Any, pointer: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every digest in a payload or a disclosed value, and where it stands."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name == "_sd" and isinstance(item, list):
                yield from ((digest, f"{place}/{n}") for n, digest in enumerate(item) if isinstance(digest, str))
            elif name == "..." and isinstance(item, str):
                yield item, place
            else:
                yield from _digests(item, place, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _digests(item, f"{pointer}/{index}", depth + 1)


def _partly(value: object, error: ProblemError, *, strict: bool) -> dict[str, Any]:
    """What can be read of a JWT or SD-JWT that was refused, and why. With ``strict``, raises ``error`` if nothing."""
    problems = {"problems": [problem.to_dict() for problem in error.problems]}
    try:
        issuer_signed, *rest = _text_of(value).split("~")
        signed = parse_compact(issuer_signed)
        payload = read_json(signed.payload, "the payload")
    except ProblemError:
        if strict:
            raise error from None
        return problems
    values: dict[str, Any] = {"header": _plain(signed.header), "payload": payload}
    if rest:
        values["digestAlgorithm"] = payload.get("_sd_alg", DEFAULT_HASH)
        values["disclosures"] = _disclosures(payload, rest[:-1][:MAX_DISCLOSURES])
    return {**values, **_signature(signed), **problems}


def _text_of(value: object) -> str:
    if isinstance(value, Mapping):
        value = str(value.get("id", "")).partition(",")[2]
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).decode("latin-1")
    return str(value).strip()


def _plain(value: Any) -> Any:
    """A header as JSON: COSE labels as text, bytes as lower-case hex."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, str | int | float | bool | None) else str(value)[:200]
