"""Verification, from bytes or a parsed document to a verdict. Nothing that is verified can make it raise.

Cheap checks come first: form, purpose, challenge, times, keys. The document is canonicalised and signatures are checked
only when these hold (or when an explanation is asked for), and a status is asked for only after that. The rules are one
generator (``vc.needs``); it asks for what may take the network, so that the same rules serve synchronous and
asynchronous callers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Unpack

from contexts import CONTEXTS, ContextRegistry

from ..needs import run, run_async
from ..verdict import Verdict
from .documents import MAX_CREDENTIALS, verification
from .expectations import DEFAULT_SKEW, ExpectationArguments, Expectations

if TYPE_CHECKING:
    from did import Resolver

    from ..envelope.profile import EnvelopeProfile
    from ..model.schemas import SchemaChecker
    from ..status import StatusChecker

__all__ = [
    "DEFAULT_SKEW",
    "MAX_CREDENTIALS",
    "ExpectationArguments",
    "Expectations",
    "verification",
    "verify",
    "verify_async",
]


def verify(
    document: bytes | bytearray | str | Mapping[str, Any],
    *,
    challenge: str | None = None,
    domain: str | Sequence[str] | None = None,
    proof_purpose: str | None = None,
    presentation_header: bytes | None = None,
    nym_domain: str | None = None,
    resolver: Resolver | None = None,
    contexts: ContextRegistry = CONTEXTS,
    now: datetime | None = None,
    skew: timedelta = DEFAULT_SKEW,
    status: StatusChecker | None = None,
    schemas: SchemaChecker | None = None,
    envelopes: EnvelopeProfile | None = None,
    explain: bool = False,
) -> Verdict:
    """Verify a secured credential or presentation (VCDM 2.0 section 7.1), with proofs or in an envelope.

    ``document``: JSON bytes or text, or the parsed object (which is not changed), with proofs (Data Integrity 1.0
    sections 4.4 and 4.5); or an envelope (VC-JOSE-COSE, SD-JWT VC, VC-JWT): JWT or SD-JWT as text, COSE as bytes, an
    EnvelopedVerifiableCredential or -Presentation. ``challenge`` and ``domain`` (one or
    several) are compared with those of the document's own proof; a proof without them fails. ``proof_purpose`` is by
    default ``assertionMethod`` for a credential, ``authentication`` for a presentation. ``presentation_header`` and
    ``nym_domain`` are what every derived bbs-2023 proof has to be bound to. ``resolver`` finds keys; the default one
    knows the DID methods that need no network.

    ``now`` (aware; by default the system's time) is the time of all checks: the validity period, and when a
    presentation says it was created, are compared give or take ``skew``; a proof's ``expires`` without it. ``status``
    (``vc.status``) and ``schemas`` (``vc.model.schemas``) are checkers; without them a status or schema is reported as
    not checked. ``envelopes`` (``vc.envelope.EnvelopeProfile``) has the trust anchors of certificates, documents of
    issuers without DIDs, and type metadata. ``explain`` puts every intermediate value into ``Verdict.trace`` and goes
    on after a failed check.

    Returns a Verdict, whatever ``document`` is. Raises TypeError or ValueError for unusable expectations only.
    """
    expected = Expectations(
        challenge=challenge,
        domain=domain,
        proof_purpose=proof_purpose,
        presentation_header=presentation_header,
        nym_domain=nym_domain,
        resolver=resolver,
        contexts=contexts,
        now=now,
        skew=skew,
        status=status,
        schemas=schemas,
        envelopes=envelopes,
        explain=explain,
    )
    return run(verification(document, expected))


async def verify_async(
    document: bytes | bytearray | str | Mapping[str, Any], **expectations: Unpack[ExpectationArguments]
) -> Verdict:
    """As ``verify``, with the same keyword arguments; awaits the resolver and the status checker."""
    return await run_async(verification(document, Expectations(**expectations)))
