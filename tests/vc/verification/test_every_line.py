"""What each line of the pipeline is for: without it, one of these would be accepted, or refused, or said wrongly."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

import did
import vc
from did.methods.jwk import did_of
from vc import Outcome
from vc.envelope.jws import compact
from vc.integrity import CRYPTOSUITES, Environment
from vc.securing import add_proof
from vc.status import StatusChecker, StatusList, StatusUnavailable, status_list_credential
from vc.verification.price import allowance

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
ISSUER, DEVICE, OTHER = (
    did.SoftwareKey.from_seed("P-256", name) for name in (b"issuer of lines", b"device of lines", b"other of lines")
)
VCT = "https://types.example/licence"


def credential(**change: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER.did,
        "credentialSubject": {"id": DEVICE.did, "alumniOf": "A school"},
    }
    document.update(change)
    return {name: value for name, value in document.items() if value is not None}


def signed(document: dict[str, Any], key: did.SoftwareKey, purpose: str, **members: Any) -> dict[str, Any]:
    """Whatever it is, with a proof: the library's own way to issue would refuse some of it."""
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-jcs-2019",
        "verificationMethod": key.verification_method,
        "proofPurpose": purpose,
        **members,
    }
    return {**document, "proof": CRYPTOSUITES["ecdsa-jcs-2019"].create_proof(document, key, config)}


def presented(*credentials: Any, **members: Any) -> dict[str, Any]:
    document = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiablePresentation"],
        "holder": DEVICE.did,
        "verifiableCredential": list(credentials),
        **members.pop("beside", {}),
    }
    document = {name: value for name, value in document.items() if value is not None}
    return signed(document, members.pop("key", DEVICE), members.pop("purpose", "authentication"), **members)


SECURED = vc.issue(credential(), ISSUER, now=NOW)


def codes(document: Any, **stated: Any) -> list[str]:
    return [problem.code for problem in vc.verify(document, **{"now": NOW, **stated}).problems]


def places(document: Any, **stated: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in vc.verify(document, **{"now": NOW, **stated}).problems]


def outcomes(verdict: vc.Verdict, name: str) -> list[Outcome]:
    return [check.outcome for check in verdict.checks if check.name == name]


def sd_jwt(**claims: Any) -> str:
    payload = {"vct": VCT, "name": "An example", **claims}
    return str(vc.issue_enveloped(payload, ISSUER, envelope="dc+sd-jwt", now=NOW))


class TestPurposes:
    def test_a_proof_for_one_purpose_is_none_for_another(self) -> None:
        for purpose in ("authentication", "capabilityInvocation", "keyAgreement", "assertion", ""):
            document = signed(credential(), ISSUER, purpose)
            assert not vc.verify(document, now=NOW).verified, purpose
        assert places(signed(credential(), ISSUER, "authentication")) == [("proof.purpose", "/proof/proofPurpose")]
        assert places(presented(SECURED, purpose="assertionMethod")) == [("proof.purpose", "/proof/proofPurpose")]
        inside = presented(signed(credential(), ISSUER, "authentication"))
        assert places(inside) == [("proof.purpose", "/verifiableCredential/0/proof/proofPurpose")]

    def test_a_purpose_that_is_asked_for_is_asked_of_the_whole_and_not_of_its_parts(self) -> None:
        shown = presented(SECURED, purpose="assertionMethod")
        assert codes(shown, proof_purpose="assertionMethod") == []
        assert codes(presented(SECURED), proof_purpose="assertionMethod") == ["proof.purpose"]
        assert codes(SECURED, proof_purpose="authentication") == ["proof.purpose"]


class TestWhatWasAsked:
    def test_the_challenge_and_the_domain_are_those_of_the_whole(self) -> None:
        shown = presented(SECURED, challenge="c", domain="d")
        assert codes(shown, challenge="c", domain="d") == []
        assert places(shown, challenge="x", domain="d") == [("proof.challenge", "/proof/challenge")]
        assert places(shown, challenge="c", domain="x") == [("proof.domain", "/proof/domain")]
        assert places(presented(SECURED), challenge="c", domain="d") == [
            ("proof.challenge", "/proof"),
            ("proof.domain", "/proof"),
        ]

    def test_what_a_credential_says_of_them_is_no_answer(self) -> None:
        inside = signed(credential(), ISSUER, "assertionMethod", challenge="c", domain="d")
        assert codes(presented(inside), challenge="c", domain="d") == ["proof.challenge", "proof.domain"]
        assert codes(presented(inside, challenge="c2", domain="d2"), challenge="c2", domain="d2") == []

    @pytest.mark.parametrize("found", [["a"], ["a", "b", "c"], ["b", "c"], "a"])
    def test_several_domains_are_all_of_them_and_no_more(self, found: Any) -> None:
        assert codes(presented(SECURED, domain=found), domain=["a", "b"]) == ["proof.domain"]
        assert codes(presented(SECURED, domain=["b", "a"]), domain=["a", "b"]) == []

    def test_an_answer_to_nothing_that_was_asked_is_said(self) -> None:
        verdict = vc.verify(presented(SECURED, challenge="c", domain="d"), now=NOW)
        assert verdict.verified
        assert [(w.code, w.pointer) for w in verdict.warnings] == [
            ("warning.challenge", "/proof/challenge"),
            ("warning.domain", "/proof/domain"),
        ]
        assert outcomes(verdict, "challenge") == outcomes(verdict, "domain") == [Outcome.NOT_APPLICABLE]
        assert vc.verify(presented(SECURED), now=NOW).warnings == ()

    def test_two_proofs_answer_both(self) -> None:
        one, other = (presented(SECURED, challenge=word)["proof"] for word in "cx")
        shown = {**presented(SECURED), "proof": [one, other]}
        assert places(shown, challenge="c") == [("proof.challenge", "/proof/1/challenge")]


class TestTimes:
    def test_the_second_a_proof_ends_it_has_ended(self) -> None:
        for purpose, wrap in (("assertionMethod", None), ("authentication", SECURED)):
            ends = {"expires": "2026-06-01T08:00:00Z"}
            document = signed(credential(), ISSUER, purpose, **ends) if wrap is None else presented(wrap, **ends)
            assert places(document) == [("proof.expired", "/proof/expires")]
            assert codes(document, now=NOW - timedelta(seconds=1)) == []
            assert outcomes(vc.verify(document, now=NOW - timedelta(seconds=1)), "proof_expiry")[0] is Outcome.PASSED

    def test_a_credential_whose_proof_has_expired_fails_the_presentation(self) -> None:
        ended = signed(credential(), ISSUER, "assertionMethod", expires="2026-06-01T07:59:59Z")
        assert places(presented(ended)) == [("proof.expired", "/verifiableCredential/0/proof/expires")]

    @pytest.mark.parametrize("skew", [timedelta(seconds=60), timedelta(seconds=1, microseconds=1), timedelta()])
    def test_a_presentation_is_from_no_later_than_the_clocks_may_differ(self, skew: timedelta) -> None:
        shown = presented(SECURED, created="2026-06-01T08:00:00Z")
        assert codes(shown, now=NOW - skew, skew=skew) == []
        early = NOW - skew - timedelta(microseconds=1)
        assert places(shown, now=early, skew=skew) == [("proof.created", "/proof/created")]

    def test_the_period_of_a_credential_has_the_skew_too(self) -> None:
        lasting = vc.issue(
            credential(validFrom="2026-06-01T08:00:00Z", validUntil="2026-06-02T08:00:00Z"), ISSUER, now=NOW
        )
        minute, instant = timedelta(seconds=60), timedelta(microseconds=1)
        assert codes(lasting, now=NOW - minute) == []
        assert codes(lasting, now=NOW - minute - instant) == ["period.not_yet"]
        end = NOW + timedelta(days=1)
        assert codes(lasting, now=end + minute - instant) == []
        assert codes(lasting, now=end + minute + instant) == ["period.over"]

    @pytest.mark.parametrize("now", [NOW.replace(tzinfo=None)])
    def test_a_time_without_a_zone_is_no_time(self, now: datetime) -> None:
        with pytest.raises(ValueError, match="time zone"):
            vc.verify(SECURED, now=now)


class TestKeys:
    class Ending(did.Resolver):
        """Every method ends."""

        def __init__(self, **ends: datetime) -> None:
            super().__init__()
            self.ends = ends

        def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
            found = super().dereference(did_url, purpose)
            return did.VerificationMethod(found.id, found.type, found.controller, found.public_key, **self.ends)

    @pytest.mark.parametrize("end", ["expires", "revoked"])
    def test_a_key_that_has_ended_signs_nothing(self, end: str) -> None:
        for shift, wanted in ((timedelta(), ["method.expired"]), (timedelta(seconds=1), [])):
            resolver = self.Ending(**{end: NOW + shift})
            assert codes(SECURED, resolver=resolver) == wanted
        assert places(SECURED, resolver=self.Ending(**{end: NOW})) == [("method.expired", "/proof/verificationMethod")]

    def test_a_missing_method_keeps_the_signature_of_all_from_being_looked_at(self) -> None:
        other = did.SoftwareKey.from_seed("Ed25519", b"second of lines")
        both = add_proof(
            SECURED,
            other,
            cryptosuite="eddsa-rdfc-2022",
            config={"proofPurpose": "assertionMethod"},
            options=None,
            env=Environment(clock=lambda: NOW),
        )
        assert codes(both) == []
        both["proof"][1]["verificationMethod"] = "did:example:nowhere#key"
        verdict = vc.verify(both, now=NOW, explain=True)
        assert [p.code for p in verdict.problems] == ["method.invalid"]
        assert outcomes(verdict, "proof") == [Outcome.NOT_APPLICABLE] * 2
        assert not verdict.verified

    def test_a_key_of_another_type_is_named_with_its_place(self) -> None:
        wrong = copy.deepcopy(SECURED)
        wrong["proof"]["verificationMethod"] = did.SoftwareKey.from_seed("Ed25519", b"x").verification_method
        assert places(wrong)[0] == ("method.key_type", "/proof/verificationMethod")


class TestSignatures:
    def test_what_is_signed_as_text_has_to_mean_something_too(self) -> None:
        bare = credential(**{"@context": [V2]}, credentialSubject={"id": DEVICE.did, "unheardOf": "x"})
        document = signed(bare, ISSUER, "assertionMethod")
        assert codes(document) == ["jsonld.undefined_term"]
        assert not vc.verify(document, now=NOW).verified
        assert codes(presented(document)) == ["jsonld.undefined_term"]

    def test_a_bbs_proof_is_for_the_header_that_was_asked(self) -> None:
        key = did.SoftwareKey.from_seed("BLS12-381-G2", b"issuer of lines")
        base = vc.issue(credential(issuer=key.did), key, cryptosuite="bbs-2023", now=NOW)
        derived = vc.derive(base, suite_options={"presentation_header": b"asked"})
        assert codes(derived) == []
        assert codes(derived, presentation_header=b"asked") == []
        assert codes(derived, presentation_header=b"other") == ["proof.challenge"]
        assert codes(vc.derive(base), presentation_header=b"asked") == ["proof.challenge"]
        inside = presented(vc.derive(base, suite_options={"presentation_header": b"other"}))
        assert not vc.verify(inside, now=NOW, presentation_header=b"asked").verified

    def test_three_proofs_of_which_two_stand_on_the_first_are_each_looked_at(self) -> None:
        keys = [did.SoftwareKey.from_seed("Ed25519", name) for name in (b"second of lines", b"third of lines")]
        document: Any = vc.issue(credential(), ISSUER, proof_id="urn:uuid:1", now=NOW)
        for number, key in enumerate(keys, start=2):
            document = add_proof(
                document,
                key,
                cryptosuite="eddsa-jcs-2022",
                config={
                    "proofPurpose": "assertionMethod",
                    "id": f"urn:uuid:{number}",
                    "previousProof": "urn:uuid:1" if number == 2 else ["urn:uuid:1", "urn:uuid:2"],
                },
                options=None,
                env=Environment(clock=lambda: NOW),
            )
        assert codes(document) == []
        for index in (0, 1, 2):
            broken = copy.deepcopy(document)
            broken["proof"][index]["created"] = "2026-06-01T07:59:59Z"
            found = places(broken)
            assert ("proof.signature", f"/proof/{index}") in found
            assert not vc.verify(broken, now=NOW).verified


class TestIssuers:
    def test_one_of_several_signers_has_to_be_the_issuer(self) -> None:
        strange = signed(credential(), OTHER, "assertionMethod")
        assert places(strange) == [("issuer.controller", "/issuer")]
        assert places(presented(SECURED, strange)) == [("issuer.controller", "/verifiableCredential/1/issuer")]
        verdict = vc.verify(presented(SECURED, strange), now=NOW)
        assert outcomes(verdict, "issuer") == [Outcome.PASSED, Outcome.FAILED]
        assert outcomes(verdict, "credentials") == [Outcome.FAILED]

    def test_a_credential_without_an_issuer_is_of_nobody_who_is_trusted(self) -> None:
        nobody = signed(credential(issuer=None), ISSUER, "assertionMethod")
        assert "policy.issuer" in codes(nobody, trusted_issuers=[ISSUER.did])
        assert not vc.verify(nobody, now=NOW).verified


class TestHolders:
    def test_the_holder_that_is_named_has_signed(self) -> None:
        about_nobody = vc.issue(credential(credentialSubject={"alumniOf": "A school"}), ISSUER, now=NOW)
        shown = presented(about_nobody, key=OTHER)
        assert places(shown) == [("holder.controller", "/holder")]
        assert outcomes(vc.verify(shown, now=NOW), "holder_binding") == [Outcome.FAILED]
        assert codes(presented(about_nobody)) == []

    def test_of_two_subjects_each_key_has_to_be_the_holders(self) -> None:
        two = [{"id": DEVICE.did, "alumniOf": "A"}, {"id": OTHER.did, "alumniOf": "B"}]
        shown = presented(vc.issue(credential(credentialSubject=two), ISSUER, now=NOW))
        assert places(shown) == [("holder.binding", "/verifiableCredential/0/credentialSubject/1/id")]

    def test_without_a_holder_or_a_subject_nothing_is_bound(self) -> None:
        about_nobody = vc.issue(credential(credentialSubject={"alumniOf": "A school"}), ISSUER, now=NOW)
        verdict = vc.verify(presented(about_nobody, beside={"holder": None}), now=NOW)
        assert verdict.verified
        assert outcomes(verdict, "holder_binding") == [Outcome.NOT_APPLICABLE]
        assert places(presented(about_nobody), require_holder_binding=True) == [
            ("policy.holder_binding", "/verifiableCredential/0/credentialSubject/id")
        ]

    def test_a_subject_with_a_name_that_is_no_key_is_said_with_its_place(self) -> None:
        child = vc.issue(credential(credentialSubject={"id": "did:example:child", "alumniOf": "A"}), ISSUER, now=NOW)
        verdict = vc.verify(presented(child), now=NOW)
        assert [(w.code, w.pointer) for w in verdict.warnings] == [
            ("warning.other_subject", "/verifiableCredential/0/credentialSubject/id")
        ]

    def test_a_did_jwk_is_a_key_too(self) -> None:
        subject = {"id": did_of(OTHER.public_key), "alumniOf": "A"}
        shown = presented(vc.issue(credential(credentialSubject=subject), ISSUER, now=NOW))
        assert codes(shown) == ["holder.binding"]

    def test_a_subject_that_is_neither_key_nor_signer_binds_nothing(self) -> None:
        child = vc.issue(credential(credentialSubject={"id": "did:example:child", "alumniOf": "A"}), ISSUER, now=NOW)
        verdict = vc.verify(presented(child, beside={"holder": None}), now=NOW)
        assert verdict.verified
        assert outcomes(verdict, "holder_binding") == [Outcome.NOT_APPLICABLE]

    def test_a_key_in_an_envelope_binds_as_a_subject_does(self) -> None:
        nameless = credential(credentialSubject={"alumniOf": "A school"})
        about_nobody = vc.issue(nameless, ISSUER, now=NOW)

        def bound(key: did.SoftwareKey) -> dict[str, Any]:
            text = vc.issue_enveloped(nameless, ISSUER, envelope="vc+sd-jwt", holder_key=key.public_key, now=NOW)
            return {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+sd-jwt,{text}"}  # type: ignore[str-bytes-safe]

        nobody = {"beside": {"holder": None}}
        for cards in ([bound(DEVICE)], [bound(DEVICE), about_nobody], [about_nobody, bound(DEVICE)]):
            verdict = vc.verify(presented(*cards, **copy.deepcopy(nobody)), now=NOW)
            assert verdict.verified, verdict.problems
            assert outcomes(verdict, "holder_binding") == [Outcome.PASSED]
        assert codes(presented(bound(DEVICE)), require_holder_binding=True) == []
        for cards in ([bound(OTHER)], [bound(DEVICE), bound(OTHER)], [bound(OTHER), bound(DEVICE)]):
            assert codes(presented(*cards, **copy.deepcopy(nobody))) == ["holder.binding"]

    def test_one_of_two_who_sign_is_enough_for_the_key_a_card_is_bound_to(self) -> None:
        nameless = credential(credentialSubject={"alumniOf": "A school"})
        text = str(vc.issue_enveloped(nameless, ISSUER, envelope="vc+sd-jwt", holder_key=DEVICE.public_key, now=NOW))
        inside = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+sd-jwt,{text}"}
        both = add_proof(
            presented(inside),
            OTHER,
            cryptosuite=None,
            config={"proofPurpose": "authentication"},
            options=None,
            env=Environment(clock=lambda: NOW),
        )
        verdict = vc.verify(both, now=NOW)
        assert verdict.verified, verdict.problems
        assert outcomes(verdict, "holder_binding") == [Outcome.PASSED]

    def test_a_key_that_can_not_be_one_binds_nobody(self) -> None:
        head = {"typ": "vc+jwt", "cty": "vc", "kid": ISSUER.verification_method}
        text = compact(head, json.dumps(credential(cnf={"jwk": {"kty": "EC"}})).encode(), ISSUER)
        inside = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{text}"}
        assert codes(presented(inside)) == ["sd_jwt.binding"]
        assert outcomes(vc.verify(presented(inside), now=NOW), "holder_binding") == [Outcome.FAILED]

    def test_a_wrong_holder_does_not_hide_a_wrong_signature(self) -> None:
        changed = copy.deepcopy(SECURED)
        changed["credentialSubject"]["alumniOf"] = "Another school"
        assert codes(presented(changed, key=OTHER)) == ["holder.controller", "holder.binding", "proof.signature"]

    def test_whose_key_can_not_be_had_is_not_judged_as_a_holder(self) -> None:
        class Down(did.Resolver):
            def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
                if did_url.startswith(DEVICE.did):
                    raise did.DidUnavailable("no route", did_url)
                return super().dereference(did_url, purpose)

        verdict = vc.verify(presented(SECURED), now=NOW, resolver=Down())
        assert [p.code for p in verdict.problems] == ["method.unavailable"]
        assert verdict.indeterminate and not verdict.verified


class TestCredentialsOfAPresentation:
    def test_sixty_four_are_verified_and_one_more_is_none(self) -> None:
        assert "parse.limit" not in codes(presented(*[SECURED] * 64))
        assert ("parse.limit", "/verifiableCredential") in places(presented(*[SECURED] * 65))
        assert "verification.internal" not in codes(presented(*[SECURED] * 65))

    def test_a_single_one_stands_without_a_number(self) -> None:
        strange = signed(credential(), OTHER, "assertionMethod")
        assert codes(presented(beside={"verifiableCredential": SECURED})) == []
        shown = presented(beside={"verifiableCredential": strange})
        assert places(shown) == [("issuer.controller", "/verifiableCredential/issuer")]
        assert outcomes(vc.verify(shown, now=NOW), "credentials") == [Outcome.FAILED]

    def test_one_whose_key_can_not_be_had_leaves_it_undecided(self) -> None:
        class Down(did.Resolver):
            def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
                if did_url.startswith(ISSUER.did):
                    raise did.DidUnavailable("no route", did_url)
                return super().dereference(did_url, purpose)

        verdict = vc.verify(presented(SECURED), now=NOW, resolver=Down())
        assert not verdict.verified
        assert outcomes(verdict, "credentials") == [Outcome.INDETERMINATE]
        strange = signed(credential(issuer=OTHER.did, validUntil="2026-01-01T00:00:00Z"), OTHER, "authentication")
        verdict = vc.verify(presented(SECURED, strange), now=NOW, resolver=Down(), explain=True)
        assert outcomes(verdict, "credentials") == [Outcome.FAILED]

    def test_a_credential_by_itself_is_not_summed_up(self) -> None:
        assert outcomes(vc.verify(SECURED, now=NOW), "credentials") == []

    def test_none_at_all_is_said(self) -> None:
        assert outcomes(vc.verify(presented(beside={"verifiableCredential": None}), now=NOW), "credentials") == [
            Outcome.NOT_APPLICABLE
        ]

    def test_one_without_a_proof_is_not_covered_by_the_holders(self) -> None:
        assert "proof.missing" in codes(presented(credential()))
        assert not vc.verify(presented(SECURED, credential()), now=NOW).verified


class TestStatusAndSchema:
    ENTRY: ClassVar[Any] = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://status.example/1",
    }

    class Nothing:
        asked = 0

        def get(self, url: str) -> bytes:
            self.asked += 1
            raise StatusUnavailable("out of reach")

        async def get_async(self, url: str) -> bytes:
            return self.get(url)

    def test_a_status_that_can_not_be_had_is_undecided_and_not_verified(self) -> None:
        source = self.Nothing()
        verdict = vc.verify(
            vc.issue(credential(credentialStatus=self.ENTRY), ISSUER, now=NOW), now=NOW, status=StatusChecker(source)
        )
        assert not verdict.verified and verdict.indeterminate
        assert outcomes(verdict, "status") == [Outcome.INDETERMINATE]
        assert source.asked == 1

    def test_what_a_list_has_to_say_besides_is_passed_on(self) -> None:
        listed = StatusList()
        listed[7] = 1
        document = status_list_credential(
            listed, id="https://status.example/1", issuer=ISSUER.did, purpose="refresh", valid_from=NOW
        )
        content = json.dumps(vc.issue(document, ISSUER, now=NOW)).encode()

        class Found(self.Nothing):  # type: ignore[name-defined,misc]
            def get(self, url: str) -> bytes:
                return content

        entry = {**self.ENTRY, "statusPurpose": "refresh"}
        issued = vc.issue(credential(credentialStatus=entry), ISSUER, now=NOW)
        verdict = vc.verify(issued, now=NOW, status=StatusChecker(Found()))
        assert verdict.verified, verdict.problems
        assert [warning.code for warning in verdict.warnings] == ["status.refresh"]

    def test_nothing_is_asked_for_a_document_that_has_failed(self) -> None:
        source = self.Nothing()
        issued = vc.issue(credential(credentialStatus=self.ENTRY), ISSUER, now=NOW)
        issued["credentialSubject"]["alumniOf"] = "Another school"
        verdict = vc.verify(issued, now=NOW, status=StatusChecker(source))
        assert source.asked == 0
        assert outcomes(verdict, "status") == [Outcome.NOT_APPLICABLE]
        assert [p.code for p in verdict.problems] == ["proof.signature"]

    def test_each_credential_of_a_presentation_has_its_status_looked_at(self) -> None:
        issued = vc.issue(credential(credentialStatus=self.ENTRY), ISSUER, now=NOW)
        source = self.Nothing()
        verdict = vc.verify(presented(SECURED, issued), now=NOW, status=StatusChecker(source))
        assert places(presented(SECURED, issued), status=StatusChecker(source)) == [
            ("status.retrieval", "/verifiableCredential/1/credentialStatus")
        ]
        assert outcomes(verdict, "status") == [Outcome.NOT_APPLICABLE, Outcome.INDETERMINATE]

    def test_it_is_looked_at_in_every_form_of_credential(self) -> None:
        document = credential(credentialStatus=self.ENTRY)
        base = vc.issue(document, ISSUER, cryptosuite="ecdsa-sd-2023", now=NOW)
        for form in (
            vc.issue(document, ISSUER, now=NOW),
            vc.derive(base),
            vc.issue_enveloped(document, ISSUER, now=NOW),
            vc.issue_enveloped(document, ISSUER, envelope="vc+sd-jwt", now=NOW),
            vc.issue_enveloped(document, ISSUER, envelope="vc+cose", now=NOW),
        ):
            verdict = vc.verify(form, now=NOW, status=StatusChecker(self.Nothing()))
            assert outcomes(verdict, "status") == [Outcome.INDETERMINATE]
            assert not verdict.verified
            unlooked = vc.verify(form, now=NOW)
            assert outcomes(unlooked, "status") == [Outcome.NOT_APPLICABLE]
            assert [w.code for w in unlooked.warnings if w.code != "warning.not_shown"] == ["warning.status"]

    def test_a_status_claim_is_looked_at_once(self) -> None:
        token = sd_jwt(status={"status_list": {"idx": 7, "uri": "https://status.example/1"}})
        source = self.Nothing()
        verdict = vc.verify(token, now=NOW, status=StatusChecker(source))
        assert outcomes(verdict, "status") == [Outcome.INDETERMINATE]
        assert outcomes(verdict, "schema") == [Outcome.NOT_APPLICABLE]
        assert source.asked == 1
        assert not verdict.verified


class TestDemands:
    def test_what_is_not_demanded_is_no_check(self) -> None:
        verdict = vc.verify(SECURED, now=NOW, trusted_issuers=[ISSUER.did])
        assert {"shown", "expected_type", "expected_contexts", "proof_freshness"}.isdisjoint(
            check.name for check in verdict.checks
        )
        assert outcomes(verdict, "trusted_issuer") == [Outcome.PASSED]

    def test_contexts_are_demanded_of_what_has_them(self) -> None:
        assert codes(sd_jwt(), expected_contexts=[V2]) == []
        assert "policy.context" not in codes({**SECURED, "@context": V2}, expected_contexts=[V2])
        assert "policy.context" in codes({**SECURED, "@context": EXAMPLES}, expected_contexts=[V2])

    def test_an_index_that_no_list_has_shows_nothing(self) -> None:
        two = vc.issue(credential(credentialSubject=[{"alumniOf": "A"}, {"alumniOf": "B"}]), ISSUER, now=NOW)
        assert codes(two, require_shown=["/credentialSubject/1/alumniOf"]) == []
        for index in ("2", "9" * 9, "9" * 10, "9" * 5000):
            assert codes(two, require_shown=[f"/credentialSubject/{index}/alumniOf"]) == ["policy.not_shown"]

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"trusted_issuers": [7]}, TypeError),
            ({"trusted_issuers": [b"did:example:a"]}, TypeError),
            ({"expected_types": [""]}, TypeError),
            ({"max_proof_age": 300}, ValueError),
            ({"max_proof_life": 0.5}, ValueError),
            ({"nym_domain": ""}, TypeError),
            ({"nym_domain": 7}, TypeError),
            ({"presentation_header": "text"}, TypeError),
        ],
    )
    def test_a_demand_that_is_none_is_said_to_be_none(self, wrong: Any, error: type[Exception]) -> None:
        with pytest.raises(error, match=next(iter(wrong))):
            vc.verify(SECURED, now=NOW, **wrong)


class TestSubjects:
    """A derived credential may hide its subject. No other may lack one."""

    def derived(self) -> Any:
        base = vc.issue(credential(), ISSUER, cryptosuite="ecdsa-sd-2023", hideable=["/credentialSubject/id"], now=NOW)
        return vc.derive(base)

    def test_only_a_derived_credential_comes_without_one(self) -> None:
        hidden = self.derived()
        assert "credentialSubject" not in hidden
        assert codes(hidden) == []
        assert codes(presented(hidden, beside={"holder": None})) == []
        bare = signed(credential(credentialSubject=None), ISSUER, "assertionMethod")
        assert codes(bare) == ["model.subject"]
        for cards in ((bare,), (hidden, bare), (bare, hidden)):
            assert "model.subject" in codes(presented(*cards)), len(cards)
            assert not vc.verify(presented(*cards), now=NOW).verified

    def test_a_derived_one_that_shows_an_empty_one_is_refused(self) -> None:
        for empty in ({}, [], None):  # type: ignore[var-annotated]
            assert "model.subject" in codes({**self.derived(), "credentialSubject": empty})


class TestEnvelopes:
    def raw(self, document: dict[str, Any]) -> str:
        header = {"typ": "vc+jwt", "cty": "vc", "kid": ISSUER.verification_method}
        return str(compact(header, json.dumps(document).encode(), ISSUER))

    def test_what_is_in_one_fits_the_data_model_in_a_presentation_too(self) -> None:
        for wrong in ({"validFrom": "yesterday"}, {"credentialSubject": {}}, {"id": "no url"}):  # type: ignore[var-annotated]
            token = self.raw(credential(**wrong))
            assert not vc.verify(token, now=NOW).verified
            verdict = vc.verify(presented(self.inside(token)), now=NOW)
            assert not verdict.verified
            model = [p for p in verdict.problems if p.code.startswith("model.")]
            assert model and all(p.pointer.startswith("/verifiableCredential/0") for p in model)

    def test_definitions_of_its_own_are_found_in_a_presentation_too(self) -> None:
        subject = {"@context": {"alumniOf": "https://x.example/revoked"}, "id": DEVICE.did, "alumniOf": "A school"}
        token = self.raw(credential(credentialSubject=subject))
        for cards in ([self.inside(token)], [SECURED, self.inside(token)], [self.inside(token), SECURED]):
            assert "context.inline" in codes(presented(*cards))
            assert not vc.verify(presented(*cards), now=NOW).verified

    def test_one_that_has_expired_or_is_changed_fails_the_presentation(self) -> None:
        over = self.raw(credential(validUntil="2026-05-01T00:00:00Z"))
        assert codes(presented(self.inside(over))) == ["period.over"]
        head, body, signature = self.JWT.split(".")
        forged = ".".join((head, body, ("A" if signature[0] != "A" else "B") + signature[1:]))
        verdict = vc.verify(presented(SECURED, self.inside(forged)), now=NOW)
        assert not verdict.verified
        assert outcomes(verdict, "credentials") == [Outcome.FAILED]

    JWT = str(vc.issue_enveloped(credential(), ISSUER, now=NOW))

    def inside(self, text: str) -> dict[str, Any]:
        return {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{text}"}

    def test_those_of_a_presentation_are_shown_opened_each_in_its_place(self) -> None:
        for cards, where in (([self.inside(self.JWT), SECURED], 0), ([SECURED, self.inside(self.JWT)], 1)):
            verdict = vc.verify(presented(*cards), now=NOW)
            assert verdict.verified and verdict.document is not None
            shown = verdict.document["verifiableCredential"]
            assert shown[where]["credentialSubject"] == credential()["credentialSubject"]
            assert shown[1 - where] == SECURED
        single = vc.verify(presented(beside={"verifiableCredential": self.inside(self.JWT)}), now=NOW)
        assert single.verified and single.document is not None
        assert single.document["verifiableCredential"]["issuer"] == ISSUER.did

    def test_an_issuer_that_is_named_is_looked_at_once(self) -> None:
        named = sd_jwt()
        assert codes(named, trusted_issuers=[ISSUER.did]) == []
        assert codes(named, trusted_issuers=[OTHER.did]) == ["policy.issuer"]
        passed = vc.verify(named, now=NOW, trusted_issuers=[ISSUER.did])
        assert outcomes(passed, "trusted_issuer") == [Outcome.PASSED]


class TestWork:
    def test_what_may_be_spent_grows_with_what_was_sent_and_not_for_ever(self) -> None:
        kibi = 1024
        for size, units in (
            (0, 2048),
            (16, 2049),
            (64 * kibi, 2048 + 4096),
            (64 * kibi + 4, 2048 + 4096 + 1),
            (128 * kibi, 2048 + 4096 + 16 * kibi),
            (kibi * kibi, 200_000),
            (1 << 40, 200_000),
        ):
            assert allowance(size) == units, size


class TestWhatIsTold:
    def test_what_does_not_end_has_no_end_that_was_kept(self) -> None:
        assert outcomes(vc.verify(SECURED, now=NOW), "proof_expiry") == [Outcome.NOT_APPLICABLE]

    def test_intermediate_values_are_for_those_who_ask(self) -> None:
        assert vc.verify(SECURED, now=NOW).trace is None
        trace = vc.verify(SECURED, now=NOW, explain=True).trace
        assert trace is not None
        assert set(trace["contexts"]) == {V2, EXAMPLES}
        assert [proof["pointer"] for proof in trace["proofs"]] == ["/proof"]

    def test_the_contexts_of_all_that_is_inside_are_told_up_to_a_thousand(self) -> None:
        shown = {**presented(SECURED), "@context": [V2]}
        trace = vc.verify(shown, now=NOW, explain=True).trace
        assert trace is not None and set(trace["contexts"]) == {V2, EXAMPLES}
        many = [{"@context": f"https://x.example/{number}"} for number in range(1100)]
        trace = vc.verify({**SECURED, "credentialSubject": many}, now=NOW, explain=True).trace
        assert trace is not None and len(trace["contexts"]) == 1000

    def test_with_them_a_bad_signature_is_still_looked_at_and_still_bad(self) -> None:
        bad = copy.deepcopy(presented(SECURED, purpose="assertionMethod"))
        bad["verifiableCredential"][0]["credentialSubject"]["alumniOf"] = "Another"
        verdict = vc.verify(bad, now=NOW, explain=True)
        assert {"proof.purpose", "proof.signature"} <= {problem.code for problem in verdict.problems}
        assert Outcome.FAILED in outcomes(verdict, "proof")
        quick = vc.verify(bad, now=NOW)
        assert set(outcomes(quick, "proof")) == {Outcome.NOT_APPLICABLE}
        assert not quick.verified

    def test_a_document_that_could_not_be_read_is_not_shown(self) -> None:
        verdict = vc.verify("nonsense", now=NOW)
        assert verdict.document is None
        assert [check.name for check in verdict.checks] == ["parse"]
