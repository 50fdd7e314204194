"""Who may present a credential: the key it is bound to; a subject with another kind of name is noted, not judged."""

from __future__ import annotations

from typing import Any

import pytest

import did
import vc
from vc import Outcome

ISSUER, DEVICE, OTHER = (did.generate("P-256") for _ in range(3))


def presented(subject: str | None, signer: did.SoftwareKey = DEVICE) -> vc.Verdict:
    credential: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER.did,
        "credentialSubject": {"alumniOf": "The School of Examples"} | ({"id": subject} if subject else {}),
    }
    presentation = vc.present([vc.issue(credential, ISSUER)], signer, challenge="c" * 16, domain="verifier.example")
    return vc.verify(presentation, challenge="c" * 16, domain="verifier.example")


def outcome(verdict: vc.Verdict) -> Outcome:
    return next(check.outcome for check in verdict.checks if check.name == "holder_binding")


def test_the_key_that_a_credential_is_bound_to_may_present_it() -> None:
    verdict = presented(DEVICE.did)
    assert (verdict.verified, outcome(verdict)) == (True, Outcome.PASSED)


def test_another_key_may_not() -> None:
    verdict = presented(DEVICE.did, signer=OTHER)
    assert (verdict.verified, outcome(verdict)) == (False, Outcome.FAILED)
    assert [problem.code for problem in verdict.problems] == ["holder.binding"]


@pytest.mark.parametrize("subject", ["did:example:child", "did:web:somebody.example"])
def test_a_subject_who_is_no_key_is_noted(subject: str) -> None:
    verdict = presented(subject)
    assert verdict.verified
    assert "warning.other_subject" in [warning.code for warning in verdict.warnings]


def test_a_credential_without_a_subject_id_is_bound_to_nobody() -> None:
    verdict = presented(None)
    assert verdict.verified
    assert "warning.other_subject" not in [warning.code for warning in verdict.warnings]
