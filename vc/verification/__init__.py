"""Verification, from bytes or a parsed document to a verdict. Nothing that is verified can make it raise.

Cheap checks come first: form, purpose, challenge, times, keys. The document is canonicalised and signatures are checked
only when these hold (or when an explanation is asked for), and a status is asked for only after that. The rules are one
generator (``vc.needs``); it asks for what may take the network, so that the same rules serve synchronous and
asynchronous callers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from ..checks.expectations import DEFAULT_SKEW, Expectations, PolicyArguments
from ..checks.secured import MAX_CREDENTIALS
from ..needs import run, run_async
from ..verdict import Verdict
from .pipeline import verification
from .policy import HELD, JUST_MADE, NOTHING_HIDDEN, VerificationPolicy

__all__ = [
    "DEFAULT_SKEW",
    "HELD",
    "JUST_MADE",
    "MAX_CREDENTIALS",
    "NOTHING_HIDDEN",
    "Expectations",
    "PolicyArguments",
    "VerificationPolicy",
    "expectations",
    "verification",
    "verify",
    "verify_async",
]


def verify(
    document: bytes | bytearray | str | Mapping[str, Any],
    policy: VerificationPolicy | None = None,
    **stated: Unpack[PolicyArguments],
) -> Verdict:
    """Verify a secured credential or presentation (VCDM 2.0 section 7.1), with proofs or in an envelope.

    ``document``: JSON bytes or text, or the parsed object (which is not changed), with proofs (Data Integrity 1.0
    sections 4.4 and 4.5); or an envelope (VC-JOSE-COSE, SD-JWT VC, VC-JWT): JWT or SD-JWT as text, COSE as bytes, an
    EnvelopedVerifiableCredential or -Presentation.

    ``policy`` says what is expected and demanded; keyword arguments are members of ``VerificationPolicy`` in place of
    its own: ``vc.verify(document, challenge="...", domain="...", status=checker)``. Without either a document has to be
    genuine and in its validity period. The members in short, described there in full:

    - ``challenge``, ``domain``, ``proof_purpose``, ``presentation_header``, ``nym_domain``: what was asked;
    - ``resolver``, ``contexts``, ``now``, ``skew``, ``status``, ``schemas``, ``envelopes``, ``explain``: what it uses;
    - ``expected_types``, ``expected_vct``, ``expected_contexts``, ``trusted_issuers``, ``require_shown``,
      ``require_holder_binding``, ``max_proof_age``, ``max_proof_life``: what it demands.

    Returns a Verdict, whatever ``document`` is. What a derived credential does not show of its subject's id, validity
    period, status and schema is said in ``Verdict.warnings`` (``warning.not_shown``), and the check of it is
    ``Outcome.NOT_SHOWN``. Raises TypeError or ValueError for an unusable policy only, before it looks at the document.
    """
    return run(verification(document, expectations(policy, stated)))


async def verify_async(
    document: bytes | bytearray | str | Mapping[str, Any],
    policy: VerificationPolicy | None = None,
    **stated: Unpack[PolicyArguments],
) -> Verdict:
    """As ``verify``, with the same arguments; awaits the resolver and the status checker."""
    return await run_async(verification(document, expectations(policy, stated)))


def expectations(policy: VerificationPolicy | None, stated: PolicyArguments) -> Expectations:
    """A policy with what is ``stated`` in place of its own, ready for use. Raises TypeError, ValueError."""
    if policy is None:
        return Expectations(stated)
    if not isinstance(policy, VerificationPolicy):
        raise TypeError("the second argument of a verification is a VerificationPolicy")
    whole: PolicyArguments = {**policy.stated, **stated}
    return Expectations(whole)
