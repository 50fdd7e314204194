"""Making envelopes: credentials and disclosures of them (presentations: ``vc.presentation``). The faces are in ``vc``.

::

    jwt = vc.issue_enveloped(credential, issuer, envelope="vc+jwt")
    card = vc.issue_enveloped(claims, issuer, envelope="dc+sd-jwt", disclosable=["/name"], holder_key=device.public_key)
    shown = vc.derive_enveloped(card, ["/name"], signer=device, challenge="...", domain="...")
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from contexts import CONTEXTS, ContextRegistry

from ..inputs import read_document
from ..linked_data import to_dataset
from ..model import identifier_of, is_enveloped, validate
from ..problems import Problem, ProblemError
from . import cose, sd_jwt
from .certificates import load_chain, public_key_of
from .jws import compact, dumps
from .media_types import FORMS, Form
from .payload import CLAIMS, enveloped_object
from .reading import is_envelope, read_envelope, unbase64

if TYPE_CHECKING:
    from did import PublicKey, Signer

__all__ = [
    "as_document",
    "check_shown",
    "derive_enveloped",
    "form_named",
    "issue_enveloped",
    "numeric_date",
    "seal",
    "unfit_envelope",
]

_ALWAYS_SHOWN: Final = frozenset(
    ("@context", "type", "issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus")
)
_ALWAYS_SHOWN_CLAIMS: Final = frozenset(("iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"))


def issue_enveloped(
    credential: bytes | str | Mapping[str, Any],
    signer: Signer,
    *,
    envelope: str = "vc+jwt",
    disclosable: Iterable[str] = (),
    decoys: int = 0,
    holder_key: PublicKey | None = None,
    expires: datetime | None = None,
    certificates: Sequence[bytes] = (),
    now: datetime | None = None,
    contexts: ContextRegistry = CONTEXTS,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> str | bytes:
    """Secure ``credential`` in an envelope by ``signer`` (VC-JOSE-COSE section 3, SD-JWT VC section 2).

    ``credential``: JSON bytes or text, or the parsed object. ``envelope``: ``vc+jwt``, ``vc+sd-jwt``, ``vc+cose``, or
    ``dc+sd-jwt``; for the last, ``credential`` is the claims with their ``vct``. ``disclosable`` (JSON pointers into
    the payload) says what the SD-JWT forms hide, by default nothing; of cards ``vc.cards.issue_enveloped`` knows it.
    ``decoys`` is how many digests of nothing stand in each object that hides members. ``holder_key`` is the key the
    credential is bound to (``cnf``). ``expires`` (aware) ends the envelope. ``certificates`` (DER, the signer's first)
    stand in ``x5c`` instead of ``kid``.

    Returns text, of COSE bytes. Raises ProblemError with every problem found: the data model, a term that no context
    defines, an issuer the signer does not speak for, pointers that match nothing or name what is always shown.
    """
    form = form_named(envelope, "credential")
    document = read_document(credential)
    if form.data_model:
        payload = _credential(document, signer, contexts, certified=bool(certificates))
        if expires is not None:
            payload["exp"] = numeric_date(expires)
    else:
        payload = _claims(document, signer, now, certified=bool(certificates))
        if expires is not None:
            payload["exp"] = min(numeric_date(expires), payload.get("exp", numeric_date(expires)))
    if holder_key is not None:
        payload["cnf"] = {"jwk": holder_key.to_jwk()}
    hide = tuple(disclosable)
    check_shown(form, hide, decoys)
    return seal(form, payload, signer, disclosable=hide, decoys=decoys, certificates=certificates, random=random)


def derive_enveloped(
    secured: str | Mapping[str, Any] | sd_jwt.SdJwt,
    selective_pointers: Iterable[str] = (),
    *,
    signer: Signer | None = None,
    challenge: str | None = None,
    domain: str | None = None,
    now: datetime | None = None,
) -> str:
    """Show chosen parts of an SD-JWT credential (RFC 9901 sections 6.2 and 7.2).

    ``secured`` is the SD-JWT as text, its JSON serialisation, or what ``vc.envelope.sd_jwt.parse`` made of it: a wallet
    that shows one credential often reads it once.
    ``selective_pointers`` are JSON pointers into the payload with everything shown (``/credentialSubject/name`` of
    vc+sd-jwt, ``/name`` of dc+sd-jwt). With ``signer``, the holder's key that the credential is bound to, a key binding
    JWT for ``challenge`` (nonce) and ``domain`` (audience) is added, made ``now``.

    Returns the SD-JWT in compact serialisation. Raises ProblemError: pointers that match nothing (each is named), not
    an SD-JWT, a signer whose key is not the one in ``cnf``.
    """
    shown = sd_jwt.show(secured, selective_pointers)
    if signer is None:
        if challenge is not None or domain is not None:
            detail = "a challenge and a domain are answered with the holder's key: a signer is missing"
            raise ProblemError(Problem("sd_jwt.binding", detail))
        return shown.text
    if challenge is None or domain is None:
        raise ProblemError(Problem("sd_jwt.binding", "key binding needs the verifier's challenge and domain"))
    confirmation = shown.claims.get("cnf")
    if not isinstance(confirmation, Mapping):
        raise ProblemError(Problem("sd_jwt.binding", "the credential is not bound to a key", "/cnf"))
    if "jwk" in confirmation and sd_jwt.confirmation_key(shown.claims) != signer.public_key:
        raise ProblemError(
            Problem("holder.binding", "the credential is bound to another key than the signer's", "/cnf")
        )
    return sd_jwt.bind_text(shown.text, shown.hash_name, signer, nonce=challenge, audience=domain, now=now)


def as_document(credential: bytes | str | Mapping[str, Any]) -> dict[str, Any]:
    """A credential as it stands in a presentation: envelopes become EnvelopedVerifiableCredential objects."""
    if not isinstance(credential, Mapping) and is_envelope(credential):
        opened = read_envelope(credential)
        binary = isinstance(credential, bytes) and cose.looks_like_cose(credential)
        text = "" if binary else (credential if isinstance(credential, str) else credential.decode("ascii")).strip()
        if opened.form.structure != "cose":
            return enveloped_object(text, opened.form.media_type, opened.kind)
        data = credential if isinstance(credential, bytes) and binary else unbase64(text)
        encoded = base64.b64encode(data).decode("ascii")
        return enveloped_object(encoded, opened.form.media_type + ";base64", opened.kind)
    return read_document(credential)


def unfit_envelope(document: Mapping[str, Any], pointer: str) -> list[Problem]:
    """Why an EnvelopedVerifiableCredential can't be shown as it is."""
    try:
        opened = read_envelope(document)
    except ProblemError as error:
        return [p.at(pointer + p.pointer) for p in error.problems]
    if opened.kind != "credential":
        return [Problem("model.envelope", "a presentation holds credentials only", pointer)]
    return []


def seal(
    form: Form,
    payload: Mapping[str, Any],
    signer: Signer,
    *,
    disclosable: Iterable[str] = (),
    decoys: int = 0,
    certificates: Sequence[bytes] = (),
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> str | bytes:
    """``payload`` in an envelope, whatever it says: nothing but the form is looked at here.

    Raises ProblemError: a key that signs no envelopes, certificates of another key, pointers that match nothing.
    """
    if certificates and public_key_of(load_chain(list(certificates))[0]) != signer.public_key:
        raise ProblemError(Problem("envelope.chain", "the first certificate is not that of the signer's key"))
    if form.structure == "cose":
        key: dict[int, Any] = {cose.KID: signer.verification_method.encode()}
        if certificates:
            key = {cose.X5CHAIN: certificates[0] if len(certificates) == 1 else list(certificates)}
        header = {cose.CONTENT_TYPE: f"application/{form.content}", **key, cose.TYP: form.media_type}
        return cose.sign(header, dumps(payload), signer)
    named: dict[str, Any] = {"typ": form.name}
    if form.content is not None:
        named["cty"] = form.content
    if certificates:
        named["x5c"] = [base64.b64encode(item).decode("ascii") for item in certificates]
    else:
        named["kid"] = signer.verification_method
    if form.structure == "sd-jwt":
        return sd_jwt.issue(payload, signer, disclosable=disclosable, header=named, random=random, decoys=decoys)
    return compact(named, dumps(payload), signer)


def _credential(
    document: dict[str, Any], signer: Signer, contexts: ContextRegistry, *, certified: bool
) -> dict[str, Any]:
    """A credential of the data model as payload. Raises ProblemError."""
    problems = validate(document, kind="credential", contexts=contexts)
    if is_enveloped(document) or "proof" in document:
        problems.append(Problem("model.envelope", "what goes into an envelope is a credential that is not secured yet"))
    if not certified and not problems and identifier_of(document.get("issuer")) != signer.did:
        detail = f"the signer speaks for {signer.did}, which is not the issuer of the credential"
        problems.append(Problem("issuer.controller", detail, "/issuer"))
    claims = sorted(CLAIMS.intersection(document) | document.keys() & {"vc", "vp"})
    problems += [Problem("envelope.claims", "the name of a claim about the envelope", "/" + name) for name in claims]
    if problems:
        raise ProblemError(*problems)
    to_dataset(document, contexts=contexts)  # Every term has to mean something, as under a proof.
    return dict(document)


def _claims(document: dict[str, Any], signer: Signer, now: datetime | None, *, certified: bool) -> dict[str, Any]:
    """The claims of an SD-JWT VC. Raises ProblemError."""
    payload = dict(document)
    if not certified:
        payload.setdefault("iss", signer.did)
    payload.setdefault("iat", numeric_date(_moment(now)))
    problems = []
    if not isinstance(payload.get("vct"), str) or not payload["vct"]:
        problems.append(Problem("envelope.claims", "an SD-JWT VC names its type (vct)", "/vct"))
    if not certified and payload["iss"] != signer.did:
        detail = f"the signer speaks for {signer.did}, which is not the issuer"
        problems.append(Problem("issuer.controller", detail, "/iss"))
    if problems:
        raise ProblemError(*problems)
    return payload


def check_shown(form: Form, hide: tuple[str, ...], decoys: int) -> None:
    """Nothing that is always shown is among what an envelope hides. Raises ProblemError."""
    if form.structure != "sd-jwt" and (hide or decoys):
        raise ProblemError(Problem("proof.generation", f"{form.name} does not disclose selectively"))
    if form.kind == "presentation":
        always = frozenset(("@context",))
    else:
        always = _ALWAYS_SHOWN if form.data_model else _ALWAYS_SHOWN_CLAIMS
    if _no_name_in(always, hide):
        return
    problems = [
        Problem("sd_jwt.form", "what the credential rests on is always shown", pointer)
        for pointer in hide
        if isinstance(pointer, str) and pointer.split("/", 2)[1:2] and pointer.split("/", 2)[1] in always
    ]
    if problems:
        raise ProblemError(*problems)


def _no_name_in(names: frozenset[str], pointers: tuple[str, ...]) -> bool:
    """Whether ``names`` are no part of any pointer; found out at once for all."""
    try:
        return names.isdisjoint("/".join(pointers).split("/"))
    except TypeError:
        return False


def form_named(name: str, kind: str) -> Form:
    """The form of that ``name`` and ``kind``. Raises ProblemError (``envelope.media_type``)."""
    form = FORMS.get(name)
    if form is None or form.kind != kind:
        known = ", ".join(item.name for item in FORMS.values() if item.kind == kind)
        raise ProblemError(Problem("envelope.media_type", f"no {kind} is enveloped as {name!r:.60}; known are {known}"))
    return form


def _moment(now: datetime | None) -> datetime:
    return datetime.now(UTC) if now is None else now


def numeric_date(when: datetime) -> int:
    """A NumericDate (RFC 7519 section 2), in whole seconds. Raises ValueError for a time without a zone."""
    if when.tzinfo is None or when.utcoffset() is None:
        raise ValueError("the time must have a time zone")
    return int(when.timestamp())
