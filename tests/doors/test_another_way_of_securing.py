"""A way of securing documents that the house has never heard of: a class with the steps, and a line for the pipeline.

The stranger's way is a credential beside a detached signature: ``{"signed": {...}, "by": "did:key:...#...",
"signature": "<hex>"}``. The pipeline takes it by itself and in a presentation with proofs, and holds it to every rule.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

import did
import vc
from vc.checks.contexts import check_contexts
from vc.checks.expectations import Expectations
from vc.checks.methods import dereference, no_method
from vc.checks.record import Record
from vc.checks.secured import SecuredDocument
from vc.checks.terms import check_challenge, check_domain
from vc.model import identifier_of, validate
from vc.model.period import outside_period
from vc.needs import Steps, run
from vc.problems import Problem, ProblemError
from vc.verdict import Verdict
from vc.verification import verification
from vc.verification.opening import OPENERS

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
ISSUER, DEVICE, THIEF = (did.SoftwareKey.from_seed("P-256", name) for name in (b"stamps", b"holds", b"steals"))


class _Terms:
    purpose, challenge, domains, created, expires = "assertionMethod", None, None, None, None


class SignedBeside(SecuredDocument):
    __slots__ = ("by", "signature")

    def __init__(self, whole: dict[str, Any], pointer: str) -> None:
        if not isinstance(whole["signed"], dict):
            raise ProblemError(Problem("parse.form", "what is signed is an object", pointer + "/signed"))
        super().__init__(whole["signed"], pointer)
        self.by, self.signature = str(whole.get("by")), str(whole.get("signature"))

    presentation = derived = False
    holder = None

    @property
    def issuer(self) -> str | None:
        return identifier_of(self.document.get("issuer"))

    def read(self, record: Record) -> None:
        pass

    def model_problems(self, expected: Expectations) -> list[Problem]:
        found = validate(self.document, kind="credential", contexts=expected.environment.contexts)
        return [Problem(p.code, p.detail, self.pointer + p.pointer) for p in found]

    unseen_model_problems = model_problems

    def contexts_at_top(self) -> None:
        return

    def check_contexts(self, record: Record, expected: Expectations, *, plain: bool) -> None:
        check_contexts(self.document, self.pointer, record, expected.environment.contexts, plain=plain)

    def check_policy(self, record: Record, expected: Expectations, purpose: str, *, addressed: bool) -> None:
        fitting = [] if purpose == "assertionMethod" else [Problem("proof.purpose", "it asserts", self.pointer)]
        record.judged("proof_purpose", self.pointer, fitting)
        if addressed:
            check_challenge(record, expected, _Terms, self.pointer)
            check_domain(record, expected, _Terms, self.pointer)

    def find_methods(self, record: Record, expected: Expectations) -> Steps[None]:
        answer = yield dereference(expected.resolver, self.by, "assertionMethod")
        if isinstance(answer, did.VerificationMethod):
            self.methods.append(answer)
            return
        problem, outcome = no_method(answer, self.by)
        record.failed("verification_method", self.pointer, [problem], outcome=outcome)

    def check_signatures(self, record: Record, expected: Expectations) -> None:
        data = orjson.dumps(self.document)
        good = all(method.public_key.verify(bytes.fromhex(self.signature), data) for method in self.methods)
        wrong = Problem("proof.signature", "another signature", self.pointer)
        record.judged("proof", self.pointer, [] if good and self.methods else [wrong])

    def skip_signatures(self, record: Record) -> None:
        record.not_applicable("proof", self.pointer, "not reached")

    def period_problems(self, expected: Expectations) -> list[Problem]:
        return outside_period(self.document, earliest=expected.earliest, latest=expected.latest, pointer=self.pointer)


def opener(document: Any, pointer: str, expected: Expectations, contained: bool) -> SignedBeside | None:
    return SignedBeside(document, pointer) if isinstance(document, dict) and "signed" in document else None


def verified(document: Any, **stated: Any) -> Verdict:
    return run(verification(document, Expectations(now=NOW, **stated), (opener, *OPENERS)))


def credential(**changes: Any) -> dict[str, Any]:
    return {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": ISSUER.did,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": DEVICE.did, "name": "王小明"},
        **changes,
    }


def beside(signed: dict[str, Any] | None = None, key: did.SoftwareKey = ISSUER) -> dict[str, Any]:
    signed = credential() if signed is None else signed
    return {"signed": signed, "by": key.verification_method, "signature": key.sign(orjson.dumps(signed)).hex()}


def presentation(*shown: dict[str, Any]) -> dict[str, Any]:
    """One whose own proof does not cover what it shows."""
    made = vc.present([], DEVICE, challenge="c", domain="d", now=NOW)
    return {**made, "verifiableCredential": list(shown)}


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def test_it_verifies_as_object_and_as_text_and_the_document_is_what_was_signed() -> None:
    for given in (beside(), orjson.dumps(beside()), orjson.dumps(beside()).decode()):
        verdict = verified(given)
        assert verdict.verified, verdict.problems
        assert verdict.document == credential()


def test_the_house_without_it_refuses_it() -> None:
    assert not vc.verify(beside(), now=NOW).verified


def test_policies_hold_for_it() -> None:
    assert verified(beside(), trusted_issuers=[ISSUER.did], expected_types=["ExampleCredential"]).verified
    assert codes(verified(beside(), trusted_issuers=[THIEF.did])) == {"policy.issuer"}
    assert codes(verified(beside(), expected_types=["Another"])) == {"policy.type"}
    assert "policy.not_shown" in codes(verified(beside(), require_shown=["/validUntil"]))
    assert "proof.challenge" in codes(verified(beside(), challenge="c"))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (beside(credential(), THIEF), "issuer.controller"),
        ({**beside(), "signed": credential(name="changed")}, "proof.signature"),
        (beside(credential(validUntil="2026-02-01T00:00:00Z")), "period.over"),
        (beside(credential(**{"@context": [V2, "https://unknown.example/v1"]})), "context.unknown"),
        (beside(credential(issuer="nobody")), "model.issuer"),
        ({"signed": 5}, "parse.form"),
    ],
)
def test_every_rule_of_the_house_holds_for_it(document: dict[str, Any], code: str) -> None:
    verdict = verified(document)
    assert not verdict.verified
    assert code in codes(verdict)


def test_in_a_presentation_it_is_laid_open_and_its_model_is_looked_at() -> None:
    bad = beside(credential(issuer="nobody"))
    verdict = verified(presentation(beside(), bad), challenge="c", domain="d")
    assert not verdict.verified
    assert verdict.document is not None
    assert verdict.document["verifiableCredential"] == [credential(), bad["signed"]]
    assert "/verifiableCredential/1/issuer" in {problem.pointer for problem in verdict.problems}
