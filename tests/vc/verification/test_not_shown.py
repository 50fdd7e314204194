"""What a derived credential does not show is said, and nothing about it is said to have passed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import did
import vc
from vc import Outcome
from vc.model.limiting import SHOWN

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
DEVICE, THIEF = (did.SoftwareKey.from_seed("P-256", name) for name in (b"device not shown", b"thief of what is hidden"))
SUITES = [("ecdsa-sd-2023", "P-256"), ("bbs-2023", "BLS12-381-G2")]
STATUS = {
    "id": "https://status.example/1#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": "https://status.example/1",
}
MEMBERS: dict[str, Any] = {
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2036-01-01T00:00:00Z",
    "credentialStatus": STATUS,
    "credentialSchema": {"id": "https://schemas.example/person.json", "type": "JsonSchema"},
}
CHECKS = {
    "/validFrom": "validity_period",
    "/validUntil": "validity_period",
    "/credentialStatus": "status",
    "/credentialSchema": "schema",
}


def issuer(key_type: str) -> did.SoftwareKey:
    return did.SoftwareKey.from_seed(key_type, b"issuer of what is not shown")


def derived(suite: str, key_type: str, hidden: tuple[str, ...] = (), **change: Any) -> dict[str, Any]:
    """A credential whose holder hides ``hidden``, as its issuer allowed."""
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer(key_type).did,
        **MEMBERS,
        "credentialSubject": {"id": DEVICE.did, "alumniOf": "A school"},
        **change,
    }
    base = vc.issue(document, issuer(key_type), cryptosuite=suite, hideable=list(hidden), now=NOW)
    return vc.derive(base)


def _bare() -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer("P-256").did,
    }


def unseen(verdict: vc.Verdict) -> list[str]:
    return [warning.pointer for warning in verdict.warnings if warning.code == "warning.not_shown"]


def outcomes(verdict: vc.Verdict, name: str) -> list[Outcome]:
    return [check.outcome for check in verdict.checks if check.name == name]


@pytest.mark.parametrize(("suite", "key_type"), SUITES)
def test_a_credential_that_shows_all_of_it_misses_nothing(suite: str, key_type: str) -> None:
    verdict = vc.verify(derived(suite, key_type), now=NOW)
    assert verdict.verified
    assert unseen(verdict) == []
    assert Outcome.NOT_SHOWN not in {check.outcome for check in verdict.checks}
    assert outcomes(verdict, "validity_period") == [Outcome.PASSED]


@pytest.mark.parametrize(("suite", "key_type"), SUITES)
@pytest.mark.parametrize("pointer", SHOWN)
def test_each_member_that_is_hidden_is_named_and_its_check_has_not_passed(
    suite: str, key_type: str, pointer: str
) -> None:
    verdict = vc.verify(derived(suite, key_type, (pointer,)), now=NOW)
    assert verdict.verified
    assert unseen(verdict) == [pointer]
    for other, name in CHECKS.items():
        if other == pointer:
            assert outcomes(verdict, name) == [Outcome.NOT_SHOWN]
        elif CHECKS.get(pointer) != name:
            assert Outcome.NOT_SHOWN not in outcomes(verdict, name)


@pytest.mark.parametrize("pointer", SHOWN)
def test_what_a_policy_wants_shown_has_to_be(pointer: str) -> None:
    hidden = derived("ecdsa-sd-2023", "P-256", (pointer,))
    for policy in (vc.NOTHING_HIDDEN, vc.VerificationPolicy(require_shown=[pointer])):
        verdict = vc.verify(hidden, policy, now=NOW)
        assert not verdict.verified
        assert [(p.code, p.pointer) for p in verdict.problems] == [("policy.not_shown", pointer)]
        assert outcomes(verdict, "shown") == [Outcome.FAILED]
        assert outcomes(verdict, "proof") == [Outcome.NOT_APPLICABLE]
    assert vc.verify(derived("ecdsa-sd-2023", "P-256"), vc.NOTHING_HIDDEN, now=NOW).verified


def test_an_end_that_is_over_fails_though_the_beginning_is_hidden() -> None:
    over = derived("ecdsa-sd-2023", "P-256", ("/validFrom",), validUntil="2026-05-01T00:00:00Z")
    verdict = vc.verify(over, now=NOW)
    assert [problem.code for problem in verdict.problems] == ["period.over"]
    assert outcomes(verdict, "validity_period") == [Outcome.FAILED]


def test_a_credential_that_is_signed_as_a_whole_hides_nothing() -> None:
    key = issuer("Ed25519")
    bare = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": {"alumniOf": "A school"},
    }
    verdict = vc.verify(vc.issue(bare, key, now=NOW), now=NOW)
    assert unseen(verdict) == []
    assert outcomes(verdict, "validity_period") == [Outcome.PASSED]
    assert outcomes(verdict, "status") == [Outcome.NOT_APPLICABLE]


def test_the_older_names_of_dates_count_as_shown() -> None:
    key = issuer("P-256")
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2036-01-01T00:00:00Z",
        "credentialSubject": {"id": DEVICE.did},
    }
    base = vc.issue(document, key, cryptosuite="ecdsa-sd-2023", now=NOW)
    assert unseen(vc.verify(vc.derive(base), now=NOW)) == ["/credentialStatus", "/credentialSchema"]


class TestHolderBinding:
    def shown(self, *credentials: Any, by: did.SoftwareKey = DEVICE, **policy: Any) -> vc.Verdict:
        presentation = vc.present(list(credentials), by, challenge="c", domain="d", expires_in=300, now=NOW)
        return vc.verify(presentation, challenge="c", domain="d", now=NOW, **policy)

    def test_a_subject_that_is_hidden_is_bound_to_nobody_that_was_seen(self) -> None:
        for suite, key_type in SUITES:
            verdict = self.shown(derived(suite, key_type, ("/credentialSubject/id",)), by=THIEF)
            assert outcomes(verdict, "holder_binding") == [Outcome.NOT_SHOWN]
            assert unseen(verdict) == ["/verifiableCredential/0/credentialSubject/id"]

    def test_one_that_is_hidden_beside_one_that_is_shown_is_not_covered_by_it(self) -> None:
        good = derived("ecdsa-sd-2023", "P-256")
        hidden = derived("ecdsa-sd-2023", "P-256", ("/credentialSubject/id",))
        assert outcomes(self.shown(good, hidden), "holder_binding") == [Outcome.NOT_SHOWN]
        assert outcomes(self.shown(good), "holder_binding") == [Outcome.PASSED]

    def test_a_stolen_one_fails_though_another_is_hidden(self) -> None:
        hidden = derived("ecdsa-sd-2023", "P-256", ("/credentialSubject/id",))
        verdict = self.shown(derived("ecdsa-sd-2023", "P-256"), hidden, by=THIEF)
        assert outcomes(verdict, "holder_binding") == [Outcome.FAILED]

    def test_a_policy_may_demand_it_of_each(self) -> None:
        good = derived("ecdsa-sd-2023", "P-256")
        hidden = derived("ecdsa-sd-2023", "P-256", ("/credentialSubject/id",))
        assert self.shown(good, require_holder_binding=True).verified
        for cards in ((hidden,), (good, hidden), (hidden, good)):
            verdict = self.shown(*cards, require_holder_binding=True)
            assert not verdict.verified
            assert {problem.code for problem in verdict.problems} == {"policy.holder_binding"}

    def test_a_subject_without_a_key_is_not_bound_to_the_holder(self) -> None:
        about_somebody = derived(
            "ecdsa-sd-2023", "P-256", credentialSubject={"id": "did:example:child", "alumniOf": "A school"}
        )
        assert self.shown(about_somebody).verified
        assert not self.shown(about_somebody, require_holder_binding=True).verified

    def test_a_key_that_is_named_beside_the_subject_has_to_be_the_holders(self) -> None:
        enveloped = vc.issue_enveloped(
            {**MEMBERS, **_bare(), "credentialSubject": {"id": DEVICE.did, "alumniOf": "x"}},
            issuer("P-256"),
            envelope="vc+sd-jwt",
            holder_key=THIEF.public_key,
            now=NOW,
        )
        verdict = self.shown(enveloped, require_holder_binding=True)
        assert {problem.code for problem in verdict.problems} == {"holder.binding"}
        assert not verdict.verified

    def test_a_credential_by_itself_is_held_by_nobody(self) -> None:
        verdict = vc.verify(derived("ecdsa-sd-2023", "P-256"), vc.HELD, now=NOW)
        assert [problem.code for problem in verdict.problems] == ["policy.holder_binding"]
