"""A verification policy: each demand is met or named, in a policy as by keywords, for proofs as for envelopes."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import did
import vc
from contexts import CONTEXTS
from vc import VerificationPolicy
from vc.checks.demands import Demands
from vc.envelope import EnvelopeProfile
from vc.integrity import Environment
from vc.integrity.secured import DocumentWithProofs
from vc.securing import add_proof
from vc.verification import PolicyArguments
from vc.verification.demands import is_shown

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
ISSUER, DEVICE = (did.SoftwareKey.from_seed("P-256", name) for name in (b"issuer of policies", b"device of policies"))
VCT = "https://types.example/licence"


def credential(**change: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": ISSUER.did,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2036-01-01T00:00:00Z",
        "credentialSubject": {"id": DEVICE.did, "alumniOf": "A school"},
    }
    return {**document, **change}


SECURED = vc.issue(credential(), ISSUER, now=NOW)


def presentation(*credentials: Any, **options: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {"challenge": "c", "domain": "d", "expires_in": 300, "now": NOW, **options}
    return vc.present(list(credentials or (SECURED,)), DEVICE, **arguments)


def sd_jwt(**claims: Any) -> str:
    payload = {"vct": VCT, "sub": DEVICE.did, "exp": int(NOW.timestamp()) + 86_400, "name": "An example", **claims}
    issued = vc.issue_enveloped(payload, ISSUER, envelope="dc+sd-jwt", holder_key=DEVICE.public_key, now=NOW)
    assert isinstance(issued, str)
    return issued


def bound() -> str:
    """An SD-JWT VC with a key binding."""
    return vc.derive_enveloped(sd_jwt(), (), signer=DEVICE, challenge="c", domain="d", now=NOW)


def codes(document: Any, *policy: VerificationPolicy, **stated: Any) -> list[str]:
    return [problem.code for problem in vc.verify(document, *policy, **{"now": NOW, **stated}).problems]


class TestDemands:
    @pytest.mark.parametrize(
        ("demand", "check", "code"),
        [
            ({"expected_types": ["OtherCredential"]}, "expected_type", "policy.type"),
            ({"expected_vct": [VCT]}, "expected_type", "policy.type"),
            ({"expected_contexts": [V2]}, "expected_contexts", "policy.context"),
            ({"trusted_issuers": [DEVICE.did]}, "trusted_issuer", "policy.issuer"),
            ({"trusted_issuers": []}, "trusted_issuer", "policy.issuer"),
            ({"require_shown": ["/credentialStatus"]}, "shown", "policy.not_shown"),
            ({"require_shown": ["/credentialSubject/degree"]}, "shown", "policy.not_shown"),
            ({"require_holder_binding": True}, "holder_binding", "policy.holder_binding"),
            ({"max_proof_life": timedelta(seconds=300)}, "proof_freshness", "policy.expires_missing"),
        ],
    )
    def test_one_that_is_not_met_is_named(self, demand: dict[str, Any], check: str, code: str) -> None:
        for verdict in (
            vc.verify(SECURED, now=NOW, **demand),
            vc.verify(SECURED, VerificationPolicy(now=NOW, **demand)),
            vc.verify(SECURED, VerificationPolicy(now=NOW) & VerificationPolicy(**demand)),
        ):
            assert not verdict.verified
            assert [problem.code for problem in verdict.problems] == [code]
            assert [c.name for c in verdict.checks if c.outcome is vc.Outcome.FAILED] == [check]

    @pytest.mark.parametrize(
        "demand",
        [
            {"expected_types": ["ExampleCredential", "OtherCredential"]},
            {"expected_contexts": [V2, EXAMPLES, "https://more.example/v1"]},
            {"trusted_issuers": {ISSUER.did, DEVICE.did}},
            {"require_shown": ["/credentialSubject/id", "/validUntil", "/issuer", "/type/1"]},
            {"max_proof_age": timedelta(seconds=1)},
        ],
    )
    def test_one_that_is_met_is_no_problem(self, demand: dict[str, Any]) -> None:
        assert codes(SECURED, **demand) == []
        assert codes(SECURED, VerificationPolicy(**demand)) == []

    def test_in_a_presentation_each_credential_has_to_meet_them(self) -> None:
        other = vc.issue(credential(type=["VerifiableCredential"]), ISSUER, now=NOW)
        policy = VerificationPolicy(challenge="c", domain="d", expected_types=["ExampleCredential"])
        assert codes(presentation(SECURED, SECURED), policy) == []
        verdict = vc.verify(presentation(SECURED, other), policy, now=NOW)
        assert [(p.code, p.pointer) for p in verdict.problems] == [("policy.type", "/verifiableCredential/1/type")]
        assert not verdict.verified

    def test_an_issuer_that_is_not_trusted_is_not_even_looked_up(self) -> None:
        class Counting(did.Resolver):
            asked = 0

            def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
                self.asked += 1
                return super().dereference(did_url, purpose)

        resolver = Counting()
        assert codes(SECURED, resolver=resolver, trusted_issuers=[DEVICE.did]) == ["policy.issuer"]
        assert resolver.asked == 0

    def test_of_several_subjects_each_has_to_show_it(self) -> None:
        two = [{"id": DEVICE.did, "alumniOf": "A"}, {"alumniOf": "B"}]
        secured = vc.issue(credential(credentialSubject=two), ISSUER, now=NOW)
        assert codes(secured, require_shown=["/credentialSubject/alumniOf", "/credentialSubject/0/id"]) == []
        for pointer in ("/credentialSubject/id", "/credentialSubject/1/id", "/credentialSubject/2/id"):
            assert codes(secured, require_shown=[pointer]) == ["policy.not_shown"], pointer

    @pytest.mark.parametrize("empty", [[], "", None, {}])
    def test_what_is_empty_is_not_shown(self, empty: Any) -> None:
        assert not is_shown(DocumentWithProofs({"validUntil": empty}, ""), "/validUntil")
        assert is_shown(DocumentWithProofs({"validUntil": False}, ""), "/validUntil")
        assert not is_shown(DocumentWithProofs({"credentialSubject": empty}, ""), "/credentialSubject/id")

    def test_a_context_of_the_documents_own_is_expected_by_nobody(self) -> None:
        own = {**SECURED, "@context": [V2, {"x": "https://x.example/x"}]}
        assert "policy.context" in codes(own, expected_contexts=[V2, EXAMPLES])


class TestFreshness:
    POLICY = VerificationPolicy(challenge="c", domain="d") & vc.JUST_MADE

    def judged(self, seconds: float = 0, **options: Any) -> list[str]:
        return codes(presentation(**options), self.POLICY, now=NOW + timedelta(seconds=seconds))

    def test_what_was_just_made_is_fresh(self) -> None:
        assert self.judged() == []
        assert self.judged(299) == []

    def test_one_that_lives_longer_is_refused_for_it(self) -> None:
        assert self.judged(expires_in=360) == []  # The clocks may differ by a minute.
        assert self.judged(expires_in=361) == ["policy.expires_late"]
        assert self.judged(expires_in=3600) == ["policy.expires_late"]

    def test_one_that_never_ends_is_refused_for_it(self) -> None:
        assert self.judged(expires_in=None) == ["policy.expires_missing"]

    def test_one_that_is_old_is_refused_however_long_it_lives(self) -> None:
        assert self.judged(360, expires_in=600) == []
        assert self.judged(361, expires_in=600) == ["policy.too_old"]

    def test_one_that_does_not_say_when_it_was_made_is_refused(self) -> None:
        unsigned = {name: value for name, value in presentation().items() if name != "proof"}
        config = {
            "created": False,
            "expires": NOW + timedelta(seconds=300),
            "proofPurpose": "authentication",
            "challenge": "c",
            "domain": "d",
        }
        silent = add_proof(unsigned, DEVICE, cryptosuite=None, config=config, options=None, env=Environment())
        assert codes(silent, self.POLICY) == ["policy.created_missing"]
        assert codes(silent, challenge="c", domain="d") == []

    def test_one_from_the_future_is_refused(self) -> None:
        assert self.judged(-61) == ["proof.created", "policy.expires_late"]

    def test_a_key_binding_ends_by_its_age(self) -> None:
        shown = bound()
        short = EnvelopeProfile(binding_max_age=timedelta(seconds=300))
        assert codes(shown, self.POLICY, envelopes=short) == []
        assert codes(shown, self.POLICY) == ["policy.expires_missing"]  # It would be taken for ten minutes.
        late = NOW + timedelta(seconds=361)
        assert "policy.too_old" in codes(shown, self.POLICY, envelopes=short, now=late)


class TestSdJwts:
    def test_they_are_of_an_expected_vct_or_of_no_expected_type(self) -> None:
        assert codes(sd_jwt(), expected_vct=[VCT]) == []
        assert codes(sd_jwt(), expected_vct=["https://types.example/other"]) == ["policy.type"]
        assert codes(sd_jwt(), expected_types=["ExampleCredential"]) == ["policy.type"]
        assert codes(SECURED, expected_vct=[VCT], expected_types=["ExampleCredential"]) == []

    def test_the_same_pointers_mean_their_claims(self) -> None:
        assert codes(sd_jwt(), require_shown=["/credentialSubject/id", "/validUntil", "/issuer", "/name"]) == []
        assert codes(sd_jwt(), require_shown=["/validFrom"]) == ["policy.not_shown"]
        assert codes(sd_jwt(nbf=1), require_shown=["/validFrom"]) == []
        assert codes(sd_jwt(), require_shown=["/credentialStatus"]) == ["policy.not_shown"]

    def test_a_key_binding_is_a_holder_binding(self) -> None:
        shown = bound()
        assert codes(shown, vc.HELD, challenge="c", domain="d") == []
        assert codes(sd_jwt(), vc.HELD) == ["policy.holder_binding"]

    def test_what_they_have_not_was_not_hidden(self) -> None:
        """Registered claims can't be; what is hidden are others."""
        payload = {"vct": VCT, "name": "An example", "age": 26}
        issued = vc.issue_enveloped(payload, ISSUER, envelope="dc+sd-jwt", disclosable=["/name", "/age"], now=NOW)
        verdict = vc.verify(vc.derive_enveloped(str(issued), ["/name"]), now=NOW)
        assert verdict.verified
        assert "warning.not_shown" not in [warning.code for warning in verdict.warnings]
        assert vc.Outcome.NOT_SHOWN not in [check.outcome for check in verdict.checks]

    def test_a_credential_in_one_may_hide_its_subjects_name(self) -> None:
        issued = vc.issue_enveloped(
            credential(), ISSUER, envelope="vc+sd-jwt", disclosable=["/credentialSubject/id"], now=NOW
        )
        verdict = vc.verify(vc.derive_enveloped(str(issued), []), now=NOW)
        assert verdict.verified, verdict.problems
        assert "/credentialSubject/id" in [w.pointer for w in verdict.warnings if w.code == "warning.not_shown"]

    def test_their_issuer_is_trusted_or_not(self) -> None:
        assert codes(sd_jwt(), trusted_issuers=[ISSUER.did]) == []
        assert codes(sd_jwt(), trusted_issuers=[DEVICE.did]) == ["policy.issuer"]


class TestThePolicy:
    def test_it_has_the_members_that_the_keywords_have(self) -> None:
        members = {item.name for item in fields(VerificationPolicy) if item.init}
        assert members == set(PolicyArguments.__annotations__)
        assert PolicyArguments.__total__ is False

    def test_every_demand_makes_demands(self) -> None:
        assert Demands.of({"now": NOW, "challenge": "c"}) is None
        assert Demands.of({"require_shown": (), "expected_types": None}) is None

    def test_keywords_take_the_place_of_its_members(self) -> None:
        policy = VerificationPolicy(now=NOW, trusted_issuers=[DEVICE.did])
        assert codes(SECURED, policy) == ["policy.issuer"]
        assert codes(SECURED, policy, trusted_issuers=[ISSUER.did]) == []
        assert codes(SECURED, policy, trusted_issuers=None) == []
        assert policy.with_(trusted_issuers=[ISSUER.did]).trusted_issuers == [ISSUER.did]

    async def test_the_asynchronous_twin_and_the_batch_take_it_too(self) -> None:
        policy = VerificationPolicy(now=NOW, trusted_issuers=[DEVICE.did])
        assert [p.code for p in (await vc.verify_async(SECURED, policy)).problems] == ["policy.issuer"]
        for processes in (1, 2):
            many = list(vc.verify_many([SECURED] * 3, policy, processes=processes, chunk=1))
            assert [[p.code for p in verdict.problems] for verdict in many] == [["policy.issuer"]] * 3
        assert vc.explain(SECURED, policy)["verdict"]["problemDetails"][0]["code"] == "policy.issuer"

    def test_two_together_demand_what_either_does(self) -> None:
        first = VerificationPolicy(
            trusted_issuers=["did:example:a", "did:example:b"],
            require_shown=["/validUntil"],
            max_proof_age=timedelta(seconds=60),
        )
        second = VerificationPolicy(
            trusted_issuers=["did:example:b", "did:example:c"],
            require_shown=["/validFrom"],
            max_proof_age=timedelta(seconds=30),
            challenge="c",
        )
        both = first & second
        assert both == second & first
        assert both.trusted_issuers == {"did:example:b"}
        assert both.require_shown == {"/validFrom", "/validUntil"}
        assert (both.max_proof_age, both.challenge) == (timedelta(seconds=30), "c")
        assert first & VerificationPolicy() == first

    def test_two_that_contradict_each_other_are_none(self) -> None:
        with pytest.raises(ValueError, match="challenge"):
            VerificationPolicy(challenge="a") & VerificationPolicy(challenge="b")
        with pytest.raises(TypeError):
            VerificationPolicy() & {"challenge": "a"}  # type: ignore[operator]

    def test_trusting_nobody_in_common_is_trusting_nobody(self) -> None:
        nobody = VerificationPolicy(trusted_issuers=[ISSUER.did]) & VerificationPolicy(trusted_issuers=[DEVICE.did])
        assert codes(SECURED, nobody) == ["policy.issuer"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"challenge": 7},
            {"domain": []},
            {"domain": [7]},
            {"trusted_issuers": "did:example:a"},
            {"trusted_issuers": [None]},
            {"expected_types": "ExampleCredential"},
            {"expected_types": ["VerifiableCredential"]},
            {"require_shown": ["validUntil"]},
            {"require_shown": "/validUntil"},
            {"max_proof_age": timedelta()},
            {"max_proof_age": 300},
            {"max_proof_life": timedelta(seconds=-1)},
            {"presentation_header": "text"},
            {"unheard_of": 1},
        ],
    )
    def test_what_can_not_be_used_is_refused_before_any_document(self, wrong: dict[str, Any]) -> None:
        for use in (VerificationPolicy, lambda **k: vc.verify(None, **k), lambda **k: vc.verify_many([], **k)):  # type: ignore[arg-type]
            with pytest.raises((TypeError, ValueError)):
                use(**wrong)

    def test_no_other_object_is_one(self) -> None:
        with pytest.raises(TypeError, match="VerificationPolicy"):
            vc.verify(SECURED, {"challenge": "c"})  # type: ignore[arg-type]

    def test_it_does_not_change_and_says_in_short_what_it_is(self) -> None:
        policy = VerificationPolicy(challenge="c", contexts=CONTEXTS)
        with pytest.raises(FrozenInstanceError):
            policy.challenge = "d"  # type: ignore[misc]
        policy.stated["challenge"] = "d"
        assert policy.stated == {"challenge": "c"}
        assert repr(policy) == "VerificationPolicy(challenge='c')"

    def test_its_types_are_those_of_the_keywords(self) -> None:
        shown = inspect.signature(VerificationPolicy).parameters
        for name, annotation in PolicyArguments.__annotations__.items():
            assert shown[name].annotation == annotation.__forward_arg__, name
