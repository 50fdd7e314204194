"""Which key signed an envelope, for a purpose (VC-JOSE-COSE section 4, CID 1.0 section 3.3).

======================================  ================================================================
``kid`` is a DID URL                    that verification method of the DID's document
``kid`` is another URL with a fragment  that method of the controlled identifier document before the ``#``
``kid`` is a fragment or a plain name   that method, or JWK of that ``kid``, of the issuer's (holder's) document
there is ``x5c``                        the first certificate's key, when the chain leads to a pinned anchor
======================================  ================================================================

A key in the header itself (``jwk``) or behind a URL in it (``jku``, ``x5u``) is never used. A header that names two
keys (a certificate and a DID URL) is refused. Policies (``vc.envelope.POLICIES``) add two ways: the only key of a DID
document for a header that names none, and the metadata of an https issuer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from did import DidError, DidUnavailable, VerificationMethod

from ..checks.envelope_policies import ISSUER_METADATA, KID_MISSING, allowing
from ..checks.envelope_profile import EnvelopeProfile
from ..checks.methods import dereference, no_method, resolve
from ..needs import Steps, Unavailable, fetch
from ..problems import Problem, ProblemError
from ..verdict import Outcome
from .certificates import certified_method, check_thumbprint, load_chain
from .issuer_metadata import issuer_method
from .jws import read_json

if TYPE_CHECKING:
    from datetime import datetime

    from did import Resolver

__all__ = ["Claimant", "Found", "find_method", "find_named"]

_MAX_ID = 2_048
_NO_NAME = "the header names no key (kid), and has no certificate (x5c)"
Found = tuple["VerificationMethod | None", Problem | None, Outcome]
"""A method; or the problem, and whether it is decided."""


class Claimant(Protocol):
    """What says which key signed it: an ``Envelope``, a status list token."""

    @property
    def header(self) -> Mapping[str, Any]: ...
    @property
    def kid(self) -> str | None: ...
    @property
    def chain(self) -> Any: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def signed_by(self) -> str | None: ...


def find_method(
    envelope: Claimant, purpose: str, *, profile: EnvelopeProfile, resolver: Resolver, now: datetime
) -> Steps[Found]:
    """The verification method that ``envelope`` names, allowed for ``purpose`` by its controller."""
    known = profile.method(envelope, purpose)
    if known is not None:
        return known, None, Outcome.PASSED
    try:
        if envelope.chain is not None:
            return _certified(envelope, purpose, profile, now), None, Outcome.PASSED
        sole = _without_name(envelope)
        if sole is not None:
            if KID_MISSING not in profile.policies:
                raise ProblemError(Problem("method.invalid", _NO_NAME + allowing(KID_MISSING)))
            return (yield from _only_listed(sole, purpose, resolver))
        if _by_metadata(envelope, profile):
            if ISSUER_METADATA in profile.policies:
                method = yield from issuer_method(envelope.signed_by or "", envelope.kid, profile)
                return method, None, Outcome.PASSED
            if envelope.kid is None:
                raise ProblemError(Problem("method.invalid", _NO_NAME + allowing(ISSUER_METADATA)))
        url, base = _named(envelope)
        if url.startswith("did:"):
            return (yield from _of_did(url, purpose, resolver))
        try:
            document = yield from _controller_document(base, profile)
        except Unavailable as error:
            if not _by_metadata(envelope, profile):
                raise
            raise Unavailable(f"{error}{allowing(ISSUER_METADATA)}") from None
        return _listed(document, base, url, purpose), None, Outcome.PASSED
    except Unavailable as error:
        detail = f"the document of the key's controller could not be obtained: {error}"
        return None, Problem("method.unavailable", detail[:300]), Outcome.INDETERMINATE
    except ProblemError as error:
        return None, error.problems[0], Outcome.FAILED


def _certified(envelope: Claimant, purpose: str, profile: EnvelopeProfile, now: datetime) -> VerificationMethod:
    if purpose != "assertionMethod":
        raise ProblemError(Problem("envelope.chain", "a holder does not authenticate with a certificate here"))
    if envelope.kid is not None and envelope.kid.startswith("did:"):
        detail = "the header names two keys, by a DID URL (kid) and by a certificate (x5c)"
        raise ProblemError(Problem("envelope.header", detail))
    chain = load_chain(envelope.chain)
    check_thumbprint(chain[0], envelope.header)
    return certified_method(chain, profile.anchors, envelope.issuer, now, policies=profile.policies)


def _without_name(envelope: Claimant) -> str | None:
    """The issuer (holder) of an envelope that names no key, when it has a DID that isn't a key itself."""
    issuer = envelope.signed_by or ""
    if envelope.kid is not None or not issuer.startswith("did:") or _only_method(issuer) is not None:
        return None
    return issuer


def _by_metadata(envelope: Claimant, profile: EnvelopeProfile) -> bool:
    """Whether the key could be in the metadata of an https issuer, of whom there is no other document."""
    issuer = envelope.signed_by or ""
    plain = envelope.kid is None or not ("#" in envelope.kid or envelope.kid.startswith(("did:", "https:")))
    return issuer.startswith("https://") and plain and issuer not in (profile.controllers or {})


def _named(envelope: Claimant) -> tuple[str, str]:
    """The method's URL (or its plain name, where no DID is about) and the URL of its controller's document."""
    issuer = envelope.signed_by
    kid = envelope.kid or _only_method(issuer or "")
    if kid is not None:
        kid = _only_method(kid) or kid
    if not kid or len(kid) > _MAX_ID:
        raise ProblemError(Problem("method.invalid", _NO_NAME))
    if kid.startswith("#"):
        if issuer is None:
            raise ProblemError(Problem("method.invalid", "the key is named relative to an issuer that is not named"))
        return issuer + kid, issuer
    if "#" in kid:
        return kid, kid.partition("#")[0]
    if issuer is None:
        raise ProblemError(Problem("method.invalid", "the name of the key is no URL, and no issuer is named"))
    if issuer.startswith("did:"):
        return f"{issuer}#{kid}", issuer
    return kid, issuer


def _only_method(did: str) -> str | None:
    """The one method that signs of a DID that is made from a key; None for other DIDs, DID URLs and names."""
    if "#" in did:
        return None
    if did.startswith("did:key:"):
        return f"{did}#{did[len('did:key:') :]}"
    return did + "#0" if did.startswith("did:jwk:") else None


def _of_did(url: str, purpose: str, resolver: Resolver) -> Steps[Found]:
    answer = yield dereference(resolver, url, purpose)
    if isinstance(answer, VerificationMethod):
        return answer, None, Outcome.PASSED
    return (None, *no_method(answer, url))


def _only_listed(did: str, purpose: str, resolver: Resolver) -> Steps[Found]:
    """The one method that a DID's document lists for ``purpose``."""
    from did.urls import resolve_reference

    answer = yield resolve(resolver, did)
    if isinstance(answer, DidError):
        undecided = isinstance(answer, DidUnavailable)
        code = "method.unavailable" if undecided else "method.invalid"
        problem = Problem(code, f"{did[:200]!r} can't be resolved: {answer} ({answer.code})")
        return None, problem, Outcome.INDETERMINATE if undecided else Outcome.FAILED
    entries = list(_entries(answer.document or {}, purpose))
    if len(entries) != 1:
        detail = f"the header names no key (kid), and the issuer's document lists {len(entries)} for {purpose}"
        return None, Problem("method.invalid", detail), Outcome.FAILED
    name = entries[0] if isinstance(entries[0], str) else str(entries[0].get("id"))
    return (yield from _of_did(resolve_reference(name, did), purpose, resolver))


def _controller_document(base: str, profile: EnvelopeProfile) -> Steps[Mapping[str, Any]]:
    known = (profile.controllers or {}).get(base)
    if known is not None:
        return known
    if profile.controller_source is None or not base.startswith("https://"):
        raise Unavailable(f"no document of {base[:200]!r} is known here")
    answer = yield fetch(profile.controller_source, base)
    if not isinstance(answer, bytes):
        raise answer
    return read_json(answer, "the controlled identifier document")


def _listed(document: Mapping[str, Any], base: str, url: str, purpose: str) -> VerificationMethod:
    """CID 1.0 section 3.3, for a document whose subject is any URL."""
    from did.urls import resolve_reference

    if document.get("id") != base:
        raise ProblemError(Problem("method.invalid", "the controller's document is about somebody else"))
    entries = list(_entries(document, purpose))
    method = next((m for m in _methods(document) if _matches(m, base, url)), None)
    if method is None:
        raise ProblemError(Problem("method.invalid", "the controller's document has no such key"))
    name = resolve_reference(str(method.get("id")), base)
    ids = [resolve_reference(e if isinstance(e, str) else str(e.get("id")), base) for e in entries]
    if name not in ids:
        raise ProblemError(Problem("method.purpose", f"its controller doesn't list the key for {purpose}"))
    try:
        found = VerificationMethod.from_dict(method, base)
    except DidError as error:
        raise ProblemError(Problem("method.invalid", f"the key can't be used: {error}")) from None
    if found.controller != base:
        raise ProblemError(Problem("method.invalid", "the key's controller is not the document's subject"))
    return found


def _entries(document: Mapping[str, Any], purpose: str) -> Iterator[Any]:
    value = document.get(purpose)
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, str | Mapping):
            yield entry


def _methods(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for purpose in ("verificationMethod", "assertionMethod", "authentication"):
        yield from (entry for entry in _entries(document, purpose) if isinstance(entry, Mapping))


def _matches(method: Mapping[str, Any], base: str, url: str) -> bool:
    from did.urls import resolve_reference

    name = resolve_reference(str(method.get("id")), base)
    if "#" in url:
        return name == url
    jwk = method.get("publicKeyJwk")
    return name == f"{base}#{url}" or (isinstance(jwk, Mapping) and jwk.get("kid") == url)


def find_named(url: str, resolver: Resolver) -> Steps[Found]:
    """The method of a holder that ``cnf`` names by a DID URL; for authentication, as it binds a presentation."""
    name = _only_method(url) or url
    if not name.startswith("did:"):
        return None, Problem("sd_jwt.binding", "the holder's key (cnf.kid) is not a DID URL"), Outcome.FAILED
    return (yield from _of_did(name, "authentication", resolver))
