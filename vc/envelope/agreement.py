"""What is read is what was signed: that an envelope says one thing, wherever one looks (docs/envelopes.md).

The same thing can be said in several places of an envelope: in a registered claim and in a member of the document, in
the header and in the payload, by a key in the header and by the one that signed. Software reads one or the other. Where
they differ, or where one says what nobody checks, the envelope is refused (``envelope.claims``, ``envelope.header``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ..model import identifier_of, is_url, moment
from ..problems import Problem, ProblemError
from .key_binding import confirmation_key, seconds

if TYPE_CHECKING:
    from did import PublicKey

    from .reading import Envelope

__all__ = ["HEADER_CLAIMS", "agreement_problems", "header_key_problem", "hidden_problems", "timestamp"]

HEADER_CLAIMS: Final = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf", "status", "vct", "vc", "vp"}
    | {"issuer", "holder", "id", "credentialSubject", "credentialStatus", "validFrom", "validUntil", "issuanceDate"}
    | {"expirationDate"}
)
"""What is believed in a payload, and might be read from a header, too (RFC 7519 section 5.3, RFC 9597)."""

# What ends, dates, binds or addresses a credential, and what its other members mean: never disclosed selectively,
# neither as a whole nor in part. (SD-JWT VC section 2.2.2.3 has the claims, RFC 9901 section 9.7 the reason.)
_NEVER_HIDDEN: Final = frozenset(
    {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "aud", "nonce", "@context"}
    | {"validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus"}
)
_DATES: Final = frozenset({"validFrom", "issuanceDate", "validUntil", "expirationDate"})
_PERIOD: Final = (("nbf", ("validFrom", "issuanceDate")), ("exp", ("validUntil", "expirationDate")))
_OF_THE_DATA_MODEL: Final = frozenset({"@context", "vc", "vp", "credentialSubject", "verifiableCredential", "proof"})
_BESIDE_VC: Final = frozenset(
    {"@context", "type", "issuer", "holder", "credentialSubject", "verifiableCredential", "issuanceDate", "proof"}
    | {"expirationDate", "validFrom", "validUntil", "credentialStatus", "credentialSchema", "termsOfUse", "evidence"}
    | {"refreshService"}
)
_KEYS: Final = ("jwk", "jwe", "jku", "x5c", "x5t#S256", "jkt")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MAX_SECONDS: Final = 10**11


def agreement_problems(envelope: Envelope, document: Mapping[str, Any]) -> list[Problem]:
    """Where an envelope says two things, or says one where nobody looks."""
    problems = _header(envelope, document) if not HEADER_CLAIMS.isdisjoint(envelope.header) else []
    if envelope.form.data_model:
        problems += _names(envelope, document)
        if envelope.version_1_1:
            problems += _beside_the_claim(envelope, document)
            problems += _period(envelope.claims, document, needed=False)
        problems += [
            _problem(name, f"{name} is of SD-JWT VCs; nobody looks at it beside a document of the data model")
            for name in ("vct", "status")
            if name in envelope.claims
        ]
    else:
        problems += _sd_jwt_vc(envelope.claims)
    if "cnf" in envelope.claims:
        problems += _confirmation(envelope, document)
    return problems


def hidden_problems(envelope: Envelope) -> list[Problem]:
    """Members that are, or could be, hidden by whoever shows the envelope, and never may be."""
    parsed = envelope.sd_jwt
    if parsed is None:
        return []
    revealed = parsed.revealed
    if revealed.at_top:
        shown = [str(item[1]) for item in revealed.at_top]
        if _NEVER_HIDDEN.isdisjoint(shown):
            return []
        names = set(_NEVER_HIDDEN.intersection(shown))
    else:
        names = {place.pointer[1:].partition("/")[0] for place in revealed.places} & _NEVER_HIDDEN
        names |= {name for name in _NEVER_HIDDEN & parsed.payload.keys() if _has_digests(parsed.payload[name])}
    return [_problem(name, f"{name} is never disclosed selectively") for name in sorted(names)]


def header_key_problem(header: Mapping[str, Any], key: PublicKey) -> Problem | None:
    """A key in the header (``jwk``) is not looked at; if there is one, it has to be the one that signed."""
    if "jwk" not in header:
        return None
    from did import DidError, PublicKey

    try:
        if isinstance(header["jwk"], Mapping) and PublicKey.from_jwk(header["jwk"]) == key:
            return None
    except DidError:
        pass
    return Problem("envelope.header", "the key in the header (jwk) is not the one that signed")


def timestamp(when: float) -> str:
    """A NumericDate as a date and time of the data model, in whole seconds; empty for one that is none."""
    try:
        return (_EPOCH + timedelta(seconds=int(when // 1))).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return ""


def _header(envelope: Envelope, document: Mapping[str, Any]) -> list[Problem]:
    """Claims in the header have to be those of the payload (RFC 7519 section 5.3)."""
    member = "holder" if envelope.kind == "presentation" else "issuer"
    problems = []
    for name in sorted(HEADER_CLAIMS & envelope.header.keys()):
        value = envelope.header[name]
        same = name in envelope.claims and _same(value, envelope.claims[name])
        if not same and not (name == "iss" and name not in envelope.claims and _is(value, document.get(member))):
            detail = f"{name} in the header is not what the payload says"
            problems.append(Problem("envelope.header", detail))
    return problems


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _is(value: Any, member: Any) -> bool:
    return isinstance(value, str) and identifier_of(member) == value


def _names(envelope: Envelope, document: Mapping[str, Any]) -> Iterator[Problem]:
    """``iss``, ``jti`` and ``sub`` (VC-JOSE-COSE section 3.1.3, VCDM 1.1 section 6.3.1)."""
    claims = envelope.claims
    member = "holder" if envelope.kind == "presentation" else "issuer"
    if "iss" in claims and member in document and identifier_of(document[member]) != claims["iss"]:
        yield _problem("iss", f"iss is {claims['iss']!r:.100}, the {member} {identifier_of(document[member])!r:.100}")
    if "jti" in claims and document.get("id", claims["jti"]) != claims["jti"]:
        yield _problem("jti", f"jti is {claims['jti']!r:.100}, the id {document['id']!r:.100}")
    if "sub" in claims:
        subjects = _subjects(envelope, document)
        if subjects != [claims["sub"]]:
            whom = "holder" if member == "holder" else "id of the credentialSubject"
            yield _problem("sub", f"sub is {claims['sub']!r:.100}, which is not the {whom}")


def _subjects(envelope: Envelope, document: Mapping[str, Any]) -> list[Any]:
    """Whom a document is about, one entry for each. A presentation is about its holder."""
    if envelope.kind == "presentation":
        return [identifier_of(document["holder"]) if "holder" in document else envelope.claims.get("iss")]
    value = document.get("credentialSubject")
    return [
        subject.get("id") if isinstance(subject, Mapping) else None
        for subject in (value if isinstance(value, list) else [value])
    ]


def _beside_the_claim(envelope: Envelope, document: Mapping[str, Any]) -> Iterator[Problem]:
    """Members of a document beside the ``vc`` or ``vp`` claim that holds it."""
    claim = "vp" if envelope.kind == "presentation" else "vc"
    for name in sorted(_BESIDE_VC & envelope.claims.keys()):
        yield _problem(name, f"{name} stands beside the {claim} claim, which holds the document")
    if "id" in envelope.claims and not _same(envelope.claims["id"], document.get("id")):
        yield _problem("id", f"the id beside the {claim} claim is not that of the document in it")


def _period(claims: Mapping[str, Any], document: Mapping[str, Any], *, needed: bool) -> Iterator[Problem]:
    """``nbf`` and ``exp`` are the dates of the document, to the second. ``needed``: they alone are looked at."""
    for claim, members in _PERIOD:
        for member in members:
            if member not in document or (claim not in claims and not needed):
                continue
            when = seconds(claims.get(claim))
            if when is None or abs(when) > MAX_SECONDS or when // 1 != _second_of(document[member]):
                shown = timestamp(when) if when is not None and abs(when) <= MAX_SECONDS else "not there"
                yield _problem(claim, f"{claim} is {shown}, {member} {document[member]!r:.60}")


def _second_of(value: Any) -> int | None:
    try:
        return moment(value, zone_required=False).seconds
    except (ValueError, TypeError):
        return None


def _sd_jwt_vc(claims: Mapping[str, Any]) -> Iterator[Problem]:
    """An SD-JWT VC says by its claims what a document of the data model says by its members; never by both."""
    for name in sorted(_OF_THE_DATA_MODEL & claims.keys()):
        yield _problem(name, f"an SD-JWT VC is no document of the data model: {name} has no place in it")
    named = identifier_of(claims.get("issuer"))
    if named is not None and named != claims.get("iss", named):  # Somebody might read it and believe it.
        yield _problem("issuer", "the issuer that is named is not iss, who signed")
    if "status" in claims and "credentialStatus" in claims:
        yield _problem("credentialStatus", "the status is told in two ways (status, credentialStatus)")
    if "jti" in claims and is_url(claims.get("id")) and claims["id"] != claims["jti"]:
        yield _problem("id", "the id is not jti")
    if not _DATES.isdisjoint(claims):
        yield from _period(claims, claims, needed=True)


def _confirmation(envelope: Envelope, document: Mapping[str, Any]) -> Iterator[Problem]:
    """``cnf`` names one key (RFC 7800 section 3.1), and a subject that is a key is that key."""
    confirmation = envelope.claims["cnf"]
    if not isinstance(confirmation, Mapping):
        return
    if len(confirmation) > 1:
        named = [name for name in _KEYS if name in confirmation]
        kid = confirmation.get("kid")
        if len(named) > 1 or (named and isinstance(kid, str) and kid.startswith("did:")):
            yield _problem("cnf", "cnf names more than one key")
            return
    if "jwk" not in confirmation:
        return
    subjects = [envelope.claims.get("sub")]
    if envelope.form.data_model and envelope.kind == "credential":
        subjects += _subjects(envelope, document)
    for subject in subjects:
        if isinstance(subject, str) and subject.startswith("did:key:") and not _is_key(subject, envelope.claims):
            detail = "the credential is bound to another key than the one that its subject is"
            yield Problem("holder.binding", detail, "/cnf")
            return


def _is_key(did_key: str, claims: Mapping[str, Any]) -> bool:
    """Whether the key in ``cnf`` is the one that a did:key is. One that can't be used is told where it is used."""
    if _jwk_of(did_key) == claims["cnf"]["jwk"]:  # As it is usually written.
        return True
    try:
        return did_key == "did:key:" + confirmation_key(claims).to_multikey()
    except ProblemError:
        return True


@lru_cache(maxsize=1_024)
def _jwk_of(did_key: str) -> dict[str, str] | None:
    from did import DidError, PublicKey

    try:
        return PublicKey.from_multikey(did_key.removeprefix("did:key:")).to_jwk()
    except DidError:
        return None


def _has_digests(value: Any) -> bool:
    pending = [value]
    while pending:
        node = pending.pop()
        if node.__class__ is dict:
            if "_sd" in node or "..." in node:
                return True
            pending += node.values()
        elif node.__class__ is list:
            pending += node
    return False


def _problem(name: str, detail: str) -> Problem:
    return Problem("envelope.claims", detail, "/" + name)
