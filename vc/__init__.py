"""Verifiable credentials: issue, derive, present, verify (VCDM 2.0, Data Integrity 1.0).

::

    issuer, device = did.generate("P-256"), did.generate("P-256")
    secured = vc.issue(credential, issuer, cryptosuite="ecdsa-sd-2023", mandatory_pointers=["/issuer"])
    derived = vc.derive(secured, selective_pointers=["/credentialSubject/name"])
    presentation = vc.present([derived], device, challenge="...", domain="...", expires_in=300)
    verdict = vc.verify(presentation, challenge="...", domain="...")

    policy = vc.VerificationPolicy(domain="...", trusted_issuers=[...]) & vc.NOTHING_HIDDEN & vc.HELD
    verdict = vc.verify(presentation, policy, challenge="...")

``issue_enveloped``, ``derive_enveloped`` and ``present_enveloped`` do the same with JOSE, SD-JWT and COSE envelopes;
``verify`` takes these, too.

A verification returns a ``Verdict`` whatever it is given; the other functions raise ``ProblemError`` with every problem
they find. What is named here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .own_did import check as _check_did

_check_did()

if TYPE_CHECKING:
    from .batch import issue_many, verify_many
    from .envelope import derive_enveloped, issue_enveloped
    from .explanation import explain
    from .linked_data import canonicalize
    from .presentation import present, present_enveloped
    from .problems import PROBLEMS, Problem, ProblemError
    from .securing import derive, issue
    from .verdict import Check, Outcome, Verdict
    from .verification import HELD, JUST_MADE, NOTHING_HIDDEN, VerificationPolicy, verify, verify_async

__all__ = [
    "HELD",
    "JUST_MADE",
    "NOTHING_HIDDEN",
    "PROBLEMS",
    "Check",
    "Outcome",
    "Problem",
    "ProblemError",
    "Verdict",
    "VerificationPolicy",
    "canonicalize",
    "derive",
    "derive_enveloped",
    "explain",
    "issue",
    "issue_enveloped",
    "issue_many",
    "present",
    "present_enveloped",
    "verify",
    "verify_async",
    "verify_many",
]

_HOMES = {
    "HELD": "verification",
    "JUST_MADE": "verification",
    "NOTHING_HIDDEN": "verification",
    "PROBLEMS": "problems",
    "Check": "verdict",
    "Outcome": "verdict",
    "Problem": "problems",
    "ProblemError": "problems",
    "Verdict": "verdict",
    "VerificationPolicy": "verification",
    "canonicalize": "linked_data",
    "derive": "securing",
    "derive_enveloped": "envelope",
    "explain": "explanation",
    "issue": "securing",
    "issue_enveloped": "envelope",
    "issue_many": "batch",
    "present": "presentation",
    "present_enveloped": "presentation",
    "verify": "verification",
    "verify_async": "verification",
    "verify_many": "batch",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'vc' has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
