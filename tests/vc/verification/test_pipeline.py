"""The pipeline lets nothing pass beside what it judged: not a second credential, not a form, not a context."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

import did
import vc
from vc import Outcome
from vc.envelope.jws import compact
from vc.integrity import CRYPTOSUITES

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
ISSUER, DEVICE = (did.SoftwareKey.from_seed("P-256", name) for name in (b"issuer of pipelines", b"device of pipelines"))


def credential(**change: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER.did,
        "credentialSubject": {"id": DEVICE.did, "alumniOf": "A school"},
    }
    return {**document, **change}


def enveloped(text: str) -> dict[str, Any]:
    return {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{text}"}


def presented(credentials: Any, suite: str = "ecdsa-jcs-2019") -> dict[str, Any]:
    """A presentation of whatever is given, signed by the holder."""
    document = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiablePresentation"],
        "holder": DEVICE.did,
        "verifiableCredential": credentials,
    }
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-06-01T08:00:00Z",
        "verificationMethod": DEVICE.verification_method,
        "proofPurpose": "authentication",
    }
    return {**document, "proof": CRYPTOSUITES[suite].create_proof(document, DEVICE, config)}


GOOD = vc.issue(credential(), ISSUER, now=NOW)
JWT = str(vc.issue_enveloped(credential(), ISSUER, now=NOW))


class TestBesideAGoodCredential:
    @pytest.mark.parametrize(
        "unreadable",
        [
            enveloped("nonsense"),
            enveloped("e30.e30.e30"),
            enveloped(JWT[:-1] + "!"),
            {**enveloped(""), "id": "data:application/vc+jwt"},
            {**enveloped(""), "id": "data:text/plain,x"},
            enveloped(JWT.replace(".", "..", 1)),
        ],
    )
    @pytest.mark.parametrize("order", [1, -1])
    def test_one_that_can_not_be_read_is_not_passed_over(self, unreadable: dict[str, Any], order: int) -> None:
        good = vc.verify(presented([GOOD]), now=NOW)
        assert good.verified, good.problems
        verdict = vc.verify(presented([GOOD, unreadable][::order]), now=NOW)
        assert not verdict.verified
        place = f"/verifiableCredential/{1 if order == 1 else 0}"
        failed = [check for check in verdict.checks if check.outcome is Outcome.FAILED]
        assert ("credentials", place) in [(check.name, check.pointer) for check in failed]
        assert any(problem.pointer.startswith(place) for problem in verdict.problems)

    @pytest.mark.parametrize("junk", [None, "text", 7, [], [GOOD], True])
    def test_one_that_is_no_object_is_not_passed_over(self, junk: Any) -> None:
        verdict = vc.verify(presented([GOOD, junk]), now=NOW)
        assert not verdict.verified
        assert ("credentials", "/verifiableCredential/1", Outcome.FAILED) in [
            (check.name, check.pointer, check.outcome) for check in verdict.checks
        ]

    def test_more_than_are_verified_are_none_at_all(self) -> None:
        verdict = vc.verify(presented([GOOD] * 65), now=NOW)
        assert not verdict.verified
        assert "parse.limit" in [problem.code for problem in verdict.problems]

    def test_one_that_is_bad_fails_the_whole(self) -> None:
        bad = copy.deepcopy(GOOD)
        bad["credentialSubject"]["alumniOf"] = "Another school"
        for cards in ([GOOD, bad], [bad, GOOD]):
            verdict = vc.verify(presented(cards), now=NOW)
            assert not verdict.verified
            assert [check.outcome for check in verdict.checks if check.name == "credentials"] == [Outcome.FAILED]


class TestForms:
    """``payload`` without ``@context`` is a JWS; with it, a document that has such a member."""

    def jws_json(self, **beside: Any) -> dict[str, Any]:
        header, payload, signature = JWT.split(".")
        return {"payload": payload, "protected": header, "signature": signature, **beside}

    def test_a_document_is_no_envelope_because_it_has_a_member_named_payload(self) -> None:
        text = base64.urlsafe_b64encode(json.dumps({"a": 1}).encode()).decode().rstrip("=")
        document = {**GOOD, "payload": text}
        verdict = vc.verify(document, now=NOW)
        assert not verdict.verified
        assert ("parse", Outcome.PASSED) in [(check.name, check.outcome) for check in verdict.checks]
        assert {problem.code for problem in verdict.problems} <= {"jsonld.undefined_term", "proof.signature"}

    def test_a_genuine_envelope_with_a_document_around_it_is_read_as_the_document(self) -> None:
        around = self.jws_json(**credential(issuer=DEVICE.did))
        verdict = vc.verify(around, now=NOW)
        assert not verdict.verified
        assert verdict.document is not None and verdict.document["issuer"] == DEVICE.did

    def test_a_document_without_contexts_is_no_envelope_either(self) -> None:
        bare = {name: value for name, value in GOOD.items() if name != "@context"}
        verdict = vc.verify(bare, now=NOW)
        assert not verdict.verified
        assert ("parse", Outcome.PASSED) in [(check.name, check.outcome) for check in verdict.checks]
        assert "model.context" in [problem.code for problem in verdict.problems]

    def test_an_envelope_as_json_is_read_as_one(self) -> None:
        payload = {"vct": "https://types.example/x", "sub": DEVICE.did}
        text = str(vc.issue_enveloped(payload, ISSUER, envelope="dc+sd-jwt", now=NOW)).rstrip("~")
        header, body, signature = text.split(".")
        general = {"payload": body, "protected": header, "signature": signature}
        assert vc.verify(general, now=NOW).verified


class TestContextsBelow:
    """``@context`` below the top is looked for wherever something may hide it."""

    OWN: ClassVar = {"alumniOf": "https://x.example/revoked"}

    def test_one_in_a_credential_beside_an_envelope_is_found(self) -> None:
        subject = {"@context": self.OWN, "id": DEVICE.did, "alumniOf": "A school"}
        document = credential(credentialSubject=subject)
        config = {
            "type": "DataIntegrityProof",
            "cryptosuite": "ecdsa-jcs-2019",
            "verificationMethod": ISSUER.verification_method,
            "proofPurpose": "assertionMethod",
        }
        inside = {**document, "proof": CRYPTOSUITES["ecdsa-jcs-2019"].create_proof(document, ISSUER, config)}
        for cards in ([inside], [enveloped(JWT), inside], [inside, enveloped(JWT)]):
            verdict = vc.verify(presented(cards), now=NOW)
            assert not verdict.verified
            assert "context.inline" in [problem.code for problem in verdict.problems], len(cards)

    def test_an_envelope_beside_a_good_credential_is_fine(self) -> None:
        verdict = vc.verify(presented([enveloped(JWT), GOOD]), now=NOW)
        assert verdict.verified, verdict.problems

    def test_one_in_an_envelope_is_found(self) -> None:
        subject = {"@context": self.OWN, "id": DEVICE.did, "alumniOf": "A school"}
        text = compact(
            {"typ": "vc+jwt", "cty": "vc", "kid": ISSUER.verification_method},
            json.dumps(credential(credentialSubject=subject)).encode(),
            ISSUER,
        )
        verdict = vc.verify(text, now=NOW)
        assert not verdict.verified
        assert "context.inline" in [problem.code for problem in verdict.problems]
