"""What ``vc.issue``, ``derive``, ``present``, ``verify`` promise, as a caller sees it."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

import did
import vc
from vc.problems import PROBLEMS

SUITES = [
    ("eddsa-rdfc-2022", "Ed25519"),
    ("eddsa-jcs-2022", "Ed25519"),
    ("ecdsa-rdfc-2019", "P-256"),
    ("ecdsa-rdfc-2019", "P-384"),
    ("ecdsa-jcs-2019", "P-256"),
    ("ecdsa-jcs-2019", "P-384"),
    ("Ed25519Signature2020", "Ed25519"),
]
DISCLOSING = [("ecdsa-sd-2023", "P-256"), ("bbs-2023", "BLS12-381-G2")]


def codes(verdict):
    return [problem.code for problem in verdict.problems]


def failed(verdict):
    return {check.name for check in verdict.checks if check.outcome is vc.Outcome.FAILED}


@pytest.fixture
def presentation(world):
    base = vc.issue(
        world.credential(),
        world.key("issuer"),
        cryptosuite="ecdsa-sd-2023",
        mandatory_pointers=["/issuer", "/validUntil", "/credentialSubject/id"],
        now=world.now,
    )
    derived = vc.derive(base, selective_pointers=["/credentialSubject/fullName"])
    return vc.present(
        [derived], world.key("device"), challenge="c-1", domain="hotel.example", expires_in=300, now=world.now
    )


def _verify(document, world, **expectations):
    return vc.verify(document, **{"challenge": "c-1", "domain": "hotel.example", "now": world.now, **expectations})


def _signed_again(presentation, world, change, key="device", **config):
    """The presentation with something changed before its holder signed it."""
    from vc.integrity import CRYPTOSUITES

    document = copy.deepcopy(presentation)
    proof = {k: v for k, v in document.pop("proof").items() if k != "proofValue"}
    proof["verificationMethod"] = world.key(key).verification_method
    change(document, proof)
    return {**document, "proof": CRYPTOSUITES["ecdsa-rdfc-2019"].create_proof(document, world.key(key), proof)}


class TestIssuing:
    @pytest.mark.parametrize(("suite", "key_type"), SUITES)
    def test_what_is_issued_verifies(self, world, suite, key_type):
        issuer = world.key("issuer", key_type)
        credential = world.credential(issuer)
        before = copy.deepcopy(credential)
        secured = vc.issue(credential, issuer, cryptosuite=suite, now=world.now)
        assert credential == before
        verdict = vc.verify(json.dumps(secured), now=world.now)
        assert verdict.verified, verdict.problems
        assert verdict.document == secured
        assert vc.verify(secured, now=world.now).verified

    @pytest.mark.parametrize(("suite", "key_type"), DISCLOSING)
    def test_what_is_derived_verifies_and_what_is_not_derived_does_not(self, world, suite, key_type):
        issuer = world.key("issuer", key_type)
        base = vc.issue(
            world.credential(issuer), issuer, cryptosuite=suite, mandatory_pointers=["/issuer"], now=world.now
        )
        assert codes(vc.verify(base, now=world.now)) == ["proof.base"]
        derived = vc.derive(base, selective_pointers=["/credentialSubject/fullName"])
        assert derived["credentialSubject"] == {
            "id": world.key("device").did,
            "type": "Person",
            "fullName": "王小明",
        }
        assert set(derived) >= {"issuer", "validFrom", "validUntil"}
        assert "nicknames" not in derived["credentialSubject"]
        assert vc.verify(derived, now=world.now).verified

    def test_without_a_suite_the_key_decides(self, world):
        for key_type, suite in [
            ("Ed25519", "eddsa-rdfc-2022"),
            ("P-256", "ecdsa-rdfc-2019"),
            ("P-384", "ecdsa-rdfc-2019"),
            ("BLS12-381-G2", "bbs-2023"),
        ]:
            issuer = world.key("issuer", key_type)
            assert vc.issue(world.credential(issuer), issuer)["proof"]["cryptosuite"] == suite

    def test_the_proof_says_when_and_what_for(self, world):
        china = timezone(timedelta(hours=8))
        proof = vc.issue(
            world.credential(),
            world.key("issuer"),
            created=datetime(2026, 5, 1, 9, 30, tzinfo=china),
            expires=datetime(2027, 5, 1, tzinfo=UTC),
            domain=["a.example", "b.example"],
            nonce="n",
            proof_id="urn:uuid:1",
        )["proof"]
        assert proof.pop("proofValue").startswith("z")
        assert proof == {
            "type": "DataIntegrityProof",
            "id": "urn:uuid:1",
            "cryptosuite": "ecdsa-rdfc-2019",
            "created": "2026-05-01T01:30:00Z",
            "expires": "2027-05-01T00:00:00Z",
            "verificationMethod": world.key("issuer").verification_method,
            "proofPurpose": "assertionMethod",
            "domain": ["a.example", "b.example"],
            "nonce": "n",
        }

    def test_the_creation_time_can_be_left_out(self, world):
        assert "created" not in vc.issue(world.credential(), world.key("issuer"), created=False)["proof"]

    def test_a_naive_time_is_refused(self, world):
        with pytest.raises(ValueError, match="time zone"):
            vc.issue(world.credential(), world.key("issuer"), created=datetime(2026, 1, 1))

    def test_an_issuer_that_the_signer_does_not_speak_for_is_refused(self, world):
        with pytest.raises(vc.ProblemError) as error:
            vc.issue(world.credential(), world.key("stranger"))
        assert error.value.code == "issuer.controller"

    def test_all_problems_of_the_data_model_are_reported(self, world):
        credential = world.credential(validFrom="yesterday", credentialSubject={}, id="not a url")
        with pytest.raises(vc.ProblemError) as error:
            vc.issue(credential, world.key("issuer"))
        assert {problem.pointer for problem in error.value.problems} == {"/validFrom", "/credentialSubject", "/id"}

    def test_every_mandatory_pointer_that_matches_nothing_is_named(self, world):
        with pytest.raises(vc.ProblemError) as error:
            vc.issue(
                world.credential(),
                world.key("issuer"),
                cryptosuite="ecdsa-sd-2023",
                mandatory_pointers=["/issuer", "/nowhere", "/credentialSubject/nicknames/2"],
            )
        assert [problem.code for problem in error.value.problems] == ["pointer.no_match"] * 2
        assert "/nowhere" in str(error.value)
        assert "/credentialSubject/nicknames/2" in str(error.value)

    @pytest.mark.parametrize(("suite", "key_type"), [s for s in SUITES if s[0] != "Ed25519Signature2020"])
    def test_an_undefined_term_is_refused_whatever_the_suite(self, world, suite, key_type):
        issuer = world.key("issuer", key_type)
        credential = world.credential(issuer, unheardOf="x")
        credential["@context"] = credential["@context"][:1]
        credential["type"] = ["VerifiableCredential"]
        credential["credentialSubject"] = {"id": "urn:example:1", "name": "x"}
        with pytest.raises(vc.ProblemError) as error:
            vc.issue(credential, issuer, cryptosuite=suite)
        assert {problem.code for problem in error.value.problems} == {"jsonld.undefined_term"}

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ({"cryptosuite": "eddsa-rdfc-2022"}, "method.key_type"),
            ({"cryptosuite": "ecdsa-rdfc-2099"}, "proof.suite_unknown"),
            ({"cryptosuite": ""}, "proof.suite_unknown"),
            ({"mandatory_pointers": ["/issuer"]}, "proof.generation"),
            ({"cryptosuite": "ecdsa-sd-2023", "mandatory_pointers": ["issuer"]}, "pointer.form"),
            ({"cryptosuite": "ecdsa-sd-2023", "mandatory_pointers": "/issuer"}, "pointer.form"),
            ({"proof_id": "no url"}, "proof.generation"),
            ({"previous_proof": "urn:uuid:nobody"}, "proof.generation"),
            ({"domain": []}, "proof.generation"),
            ({"expires": datetime(2020, 1, 1, tzinfo=UTC)}, "proof.expired"),
        ],
    )
    def test_arguments_that_make_no_proof_are_refused(self, world, arguments, code):
        with pytest.raises(vc.ProblemError) as error:
            vc.issue(world.credential(), world.key("issuer"), **arguments)
        assert error.value.code == code

    @pytest.mark.parametrize("credential", [None, [], "text", 7, {}, {"@context": 1}, {"type": []}])
    def test_what_is_no_credential_is_refused(self, world, credential):
        with pytest.raises(vc.ProblemError):
            vc.issue(credential, world.key("issuer"))

    def test_a_vcdm_1_1_credential_gets_the_context_of_its_proof(self, world):
        issuer = world.key("issuer", "Ed25519")
        credential = {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential"],
            "issuer": issuer.did,
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:1"},
        }
        for suite, context in [
            ("eddsa-rdfc-2022", "https://w3id.org/security/data-integrity/v2"),
            ("Ed25519Signature2020", "https://w3id.org/security/suites/ed25519-2020/v1"),
        ]:
            secured = vc.issue(credential, issuer, cryptosuite=suite, now=world.now)
            assert secured["@context"] == [*credential["@context"], context]
            assert vc.verify(secured, now=world.now).verified


class TestProofSetsAndChains:
    def _two(self, world, **second):
        """A credential signed by its issuer with one key, then by the same issuer's other key."""
        first = world.key("issuer")
        secured = vc.issue(world.credential(), first, proof_id="urn:uuid:1", now=world.now)
        other = world.key("notary", "Ed25519")
        from vc.integrity import Environment
        from vc.securing import add_proof

        return add_proof(
            secured,
            other,
            cryptosuite=second.pop("cryptosuite", None),
            config={"proofPurpose": "assertionMethod", "id": "urn:uuid:2", **second},
            options=None,
            env=Environment(clock=lambda: world.now),
        )

    @pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
    @pytest.mark.parametrize("previous", [None, "urn:uuid:1", ["urn:uuid:1"]])
    def test_two_suites_on_one_document_verify(self, world, suite, previous):
        secured = self._two(world, cryptosuite=suite, previousProof=previous)
        verdict = vc.verify(secured, now=world.now)
        assert verdict.verified, verdict.problems
        assert [c.pointer for c in verdict.checks if c.name == "proof"] == ["/proof/0", "/proof/1"]
        secured["proof"].reverse()
        assert vc.verify(secured, now=world.now).verified

    def test_every_proof_of_a_set_has_to_verify(self, world):
        secured = self._two(world)
        for index in (0, 1):
            broken = copy.deepcopy(secured)
            broken["proof"][index]["created"] = "2026-06-01T07:59:59Z"
            verdict = vc.verify(broken, now=world.now)
            assert codes(verdict) == ["proof.signature"]
            assert verdict.problems[0].pointer == f"/proof/{index}"

    def test_a_chain_without_its_earlier_proof_fails(self, world):
        secured = self._two(world, previousProof="urn:uuid:1")
        del secured["proof"][0]
        assert "proof.previous" in codes(vc.verify(secured, now=world.now))

    def test_a_changed_earlier_proof_breaks_the_chain(self, world):
        secured = self._two(world, previousProof="urn:uuid:1")
        other = vc.issue(
            world.credential(), world.key("issuer"), proof_id="urn:uuid:1", now=world.now - timedelta(days=1)
        )
        secured["proof"][0] = other["proof"]
        verdict = vc.verify(secured, now=world.now)
        assert [(p.code, p.pointer) for p in verdict.problems] == [("proof.signature", "/proof/1")]

    def test_two_proofs_of_one_id_are_ambiguous(self, world):
        secured = self._two(world, previousProof="urn:uuid:1")
        secured["proof"].append(secured["proof"][0])
        assert "proof.previous" in codes(vc.verify(secured, now=world.now))

    def test_the_issuer_has_to_be_among_the_signers(self, world):
        secured = self._two(world)
        secured["proof"] = secured["proof"][1]
        assert codes(vc.verify(secured, now=world.now)) == ["issuer.controller"]

    def test_too_many_proofs_are_refused_unseen(self, world):
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        secured["proof"] = [secured["proof"]] * 17
        assert codes(vc.verify(secured, now=world.now)) == ["proof.form"]


class TestPresenting:
    def test_a_presentation_verifies(self, world, presentation):
        verdict = _verify(presentation, world)
        assert verdict.verified, verdict.problems
        assert [(w.code, w.pointer) for w in verdict.warnings] == [
            ("warning.not_shown", "/verifiableCredential/0/credentialStatus"),
            ("warning.not_shown", "/verifiableCredential/0/credentialSchema"),
        ]
        names = {check.name for check in verdict.checks if check.outcome is vc.Outcome.PASSED}
        assert names >= {
            "data_model",
            "context",
            "proof",
            "proof_purpose",
            "verification_method",
            "issuer",
            "challenge",
            "domain",
            "proof_expiry",
            "validity_period",
            "holder_binding",
            "credentials",
        }

    def test_the_proof_is_created_now_and_expires_when_told(self, world, presentation):
        proof = presentation["proof"]
        assert (proof["created"], proof["expires"]) == ("2026-06-01T08:00:00Z", "2026-06-01T08:05:00Z")
        assert proof["proofPurpose"] == "authentication"
        assert presentation["holder"] == world.key("device").did

    @pytest.mark.parametrize(("seconds", "verified"), [(0, True), (299, True), (300, False), (301, False)])
    def test_it_lives_as_long_as_it_says_whatever_the_skew(self, world, presentation, seconds, verified):
        verdict = _verify(presentation, world, now=world.now + timedelta(seconds=seconds))
        assert verdict.verified is verified
        assert codes(verdict) == ([] if verified else ["proof.expired"])

    @pytest.mark.parametrize(("seconds", "verified"), [(59, True), (60, True), (61, False)])
    def test_it_may_come_from_a_clock_ahead_of_ours_by_the_skew(self, world, presentation, seconds, verified):
        verdict = _verify(presentation, world, now=world.now - timedelta(seconds=seconds))
        assert verdict.verified is verified
        assert codes(verdict) == ([] if verified else ["proof.created"])

    @pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 10**12])
    def test_a_life_that_is_no_positive_span_is_refused(self, world, seconds):
        secured = vc.issue(world.credential(), world.key("issuer"))
        with pytest.raises(vc.ProblemError):
            vc.present([secured], world.key("device"), expires_in=seconds)

    @pytest.mark.parametrize("challenge", ["c-2", "", "C-1", "c-1 ", "挑战", "c" * 100_000])
    def test_another_challenge_fails(self, world, presentation, challenge):
        assert codes(_verify(presentation, world, challenge=challenge)) == ["proof.challenge"]

    def test_a_missing_challenge_fails(self, world, presentation):
        unasked = _signed_again(presentation, world, lambda d, p: p.pop("challenge"))
        assert codes(_verify(unasked, world)) == ["proof.challenge"]
        assert vc.verify(unasked, domain="hotel.example", now=world.now).verified

    def test_a_challenge_or_domain_that_is_not_compared_is_a_warning(self, world, presentation):
        verdict = vc.verify(presentation, now=world.now)
        assert verdict.verified
        assert [w.code for w in verdict.warnings if w.pointer.startswith("/proof")] == [
            "warning.challenge",
            "warning.domain",
        ]

    @pytest.mark.parametrize(
        ("said", "expected", "verified"),
        [
            ("a", "a", True),
            ("a", ["a"], True),
            (["a"], "a", True),
            (["a", "b"], ["b", "a"], True),
            (["a", "b"], "a", False),
            ("a", ["a", "b"], False),
            ("a", "b", False),
            ("ab", ["a", "b"], False),
        ],
    )
    def test_domains_have_to_be_the_same_set(self, world, said, expected, verified):
        secured = vc.issue(world.credential(), world.key("issuer"))
        shown = vc.present([secured], world.key("device"), domain=said, now=world.now)
        verdict = vc.verify(shown, domain=expected, now=world.now)
        assert codes(verdict) == ([] if verified else ["proof.domain"])

    def test_the_purpose_has_to_be_authentication(self, world, presentation):
        asserted = _signed_again(presentation, world, lambda d, p: p.update(proofPurpose="assertionMethod"))
        assert codes(_verify(asserted, world)) == ["proof.purpose"]

    def test_another_device_cannot_show_the_credential(self, world, presentation):
        derived = presentation["verifiableCredential"][0]
        stolen = vc.present([derived], world.key("stranger"), challenge="c-1", domain="hotel.example", now=world.now)
        verdict = _verify(stolen, world)
        assert codes(verdict) == ["holder.binding"]
        assert failed(verdict) == {"holder_binding"}
        assert verdict.problems[0].pointer == "/verifiableCredential/0/credentialSubject/id"

    def test_the_holder_that_is_named_has_to_sign(self, world, presentation):
        with pytest.raises(vc.ProblemError) as error:
            vc.present(presentation["verifiableCredential"], world.key("device"), holder=world.key("stranger").did)
        assert error.value.code == "holder.controller"
        forged = _signed_again(
            presentation, world, lambda d, p: d.update(holder=world.key("device").did), key="stranger"
        )
        assert set(codes(_verify(forged, world))) == {"holder.controller", "holder.binding"}

    def test_a_credential_without_a_holder_is_nobodys(self, world):
        secured = vc.issue(world.credential(credentialSubject={"name": "bearer"}), world.key("issuer"), now=world.now)
        shown = vc.present([secured], world.key("stranger"), now=world.now)
        assert vc.verify(shown, now=world.now).verified

    def test_a_base_proof_is_never_shown(self, world):
        base = vc.issue(world.credential(), world.key("issuer"), cryptosuite="ecdsa-sd-2023")
        with pytest.raises(vc.ProblemError) as error:
            vc.present([base], world.key("device"))
        assert error.value.code == "proof.base"

    def test_an_unsecured_credential_is_never_shown(self, world):
        with pytest.raises(vc.ProblemError) as error:
            vc.present([world.credential()], world.key("device"))
        assert error.value.code == "proof.missing"

    def test_a_changed_claim_fails(self, world, presentation):
        presentation["verifiableCredential"][0]["credentialSubject"]["fullName"] = "王小朋"
        assert set(codes(_verify(presentation, world))) == {"proof.signature"}

    def test_a_credential_changed_before_the_holder_signed_fails(self, world, presentation):
        def change(document, proof):
            document["verifiableCredential"][0]["credentialSubject"]["fullName"] = "王小朋"

        verdict = _verify(_signed_again(presentation, world, change), world)
        assert [(p.code, p.pointer) for p in verdict.problems] == [("proof.signature", "/verifiableCredential/0/proof")]
        assert failed(verdict) == {"proof", "credentials"}

    def test_a_credential_left_out_or_put_in_fails(self, world, presentation):
        more = copy.deepcopy(presentation)
        more["verifiableCredential"] *= 2
        assert "proof.signature" in codes(_verify(more, world))
        less = copy.deepcopy(presentation)
        del less["verifiableCredential"]
        assert "proof.signature" in codes(_verify(less, world))

    def test_swapped_proofs_fail(self, world, presentation):
        other = vc.present([], world.key("device"), challenge="c-1", domain="hotel.example", now=world.now)
        presentation["proof"], other["proof"] = other["proof"], presentation["proof"]
        assert codes(_verify(presentation, world)) == ["proof.signature"]
        assert codes(_verify(other, world)) == ["proof.signature"]

    def test_expired_and_future_credentials_fail(self, world):
        for changes, code in [
            ({"validUntil": "2026-05-31T00:00:00Z"}, "period.over"),
            ({"validFrom": "2026-06-02T00:00:00Z"}, "period.not_yet"),
        ]:
            secured = vc.issue(world.credential(**changes), world.key("issuer"), now=world.now)
            shown = vc.present([secured], world.key("device"), now=world.now)
            verdict = vc.verify(shown, now=world.now)
            assert codes(verdict) == [code]
            assert failed(verdict) == {"validity_period", "credentials"}

    def test_several_credentials_of_several_suites_go_together(self, world):
        credentials = []
        for suite, key_type in SUITES:
            issuer = world.key("issuer", key_type)
            credentials.append(vc.issue(world.credential(issuer), issuer, cryptosuite=suite, now=world.now))
        shown = vc.present(credentials, world.key("device"), now=world.now)
        verdict = vc.verify(json.dumps(shown), now=world.now)
        assert verdict.verified, verdict.problems

    def test_a_limit_of_credentials_is_kept(self, world):
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        with pytest.raises(vc.ProblemError) as error:
            vc.present([secured] * 65, world.key("device"))
        assert error.value.code == "parse.limit"
        document = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [secured] * 65,
            "proof": secured["proof"],
        }
        assert "parse.limit" in codes(vc.verify(document, now=world.now))


class TestKeys:
    def test_a_key_that_is_not_listed_for_the_purpose_fails(self, world):
        agreement = did.SoftwareKey.from_seed("X25519", b"device")
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        secured["proof"]["verificationMethod"] = agreement.verification_method
        assert codes(vc.verify(secured, now=world.now)) == ["method.purpose", "issuer.controller"][:1]

    @pytest.mark.parametrize(
        ("method", "code"),
        [
            ("did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP", "method.invalid"),
            ("did:key:zNonsense#zNonsense", "method.invalid"),
            ("did:example:1#key", "method.invalid"),
            ("https://example.org/keys/1", "method.invalid"),
            ("#key", "method.invalid"),
            ("did:web:unreachable.invalid#key", "method.invalid"),
            ("key", "method.invalid"),
        ],
    )
    def test_a_method_that_cannot_be_used_fails(self, world, method, code):
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        secured["proof"]["verificationMethod"] = method
        verdict = vc.verify(secured, now=world.now)
        assert not verdict.verified
        assert codes(verdict)[0] in (code, "method.unavailable")

    def test_a_key_of_another_curve_fails(self, world):
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        secured["proof"]["verificationMethod"] = world.key("issuer", "Ed25519").verification_method
        assert "method.key_type" in codes(vc.verify(secured, now=world.now))

    def test_anothers_key_does_not_speak_for_the_issuer(self, world):
        stranger = world.key("stranger")
        secured = vc.issue(world.credential(stranger), stranger, now=world.now)
        secured["issuer"]["id"] = world.key("issuer").did
        verdict = vc.verify(secured, now=world.now)
        assert set(codes(verdict)) == {"issuer.controller", "proof.signature"}

    def test_a_resolver_that_cannot_decide_leaves_it_undecided(self, world):
        class Down(did.Resolver):
            def dereference(self, did_url, purpose):  # type: ignore[override]
                raise did.DidUnavailable("no route", did_url)

        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        verdict = vc.verify(secured, now=world.now, resolver=Down())
        assert not verdict.verified
        assert verdict.indeterminate
        assert codes(verdict) == ["method.unavailable"]

    def test_a_key_past_its_end_fails(self, world):
        issuer = world.key("issuer")

        class Ended(did.Resolver):
            def dereference(self, did_url, purpose):  # type: ignore[override]
                method = super().dereference(did_url, purpose)
                return did.VerificationMethod(
                    method.id, method.type, method.controller, method.public_key, revoked=world.now
                )

        secured = vc.issue(world.credential(), issuer, now=world.now)
        assert codes(vc.verify(secured, now=world.now, resolver=Ended())) == ["method.expired"]
        assert vc.verify(secured, now=world.now - timedelta(seconds=1), resolver=Ended()).verified


class TestContexts:
    def test_an_unknown_context_is_named_and_never_fetched(self, world):
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        secured["@context"].append("https://unknown.example/v1")
        verdict = vc.verify(secured, now=world.now)
        assert codes(verdict) == ["context.unknown"]
        assert "https://unknown.example/v1" in verdict.problems[0].detail
        assert failed(verdict) == {"context"}

    def test_a_context_can_be_allowed_by_its_digest(self, world):
        import hashlib

        from contexts import CONTEXTS

        content = b'{"@context": {"extra": "https://example.org/extra"}}'
        url = "https://known.example/v1"
        mine = CONTEXTS.with_context(url, content, hashlib.sha256(content).hexdigest())
        credential = world.credential(extra="x")
        credential["@context"].append(url)
        secured = vc.issue(credential, world.key("issuer"), contexts=mine, now=world.now)
        assert vc.verify(secured, contexts=mine, now=world.now).verified
        assert not vc.verify(secured, now=world.now).verified

    def test_definitions_of_the_documents_own_are_refused(self, world):
        # With definitions of its own, a document can show other words for what was signed.
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now)
        swapped = copy.deepcopy(secured)
        swapped["@context"].append({"alias": "https://www.w3.org/ns/credentials/examples#fullName"})
        subject = swapped["credentialSubject"]
        subject["alias"] = subject.pop("fullName")
        verdict = vc.verify(swapped, now=world.now)
        assert codes(verdict) == ["context.inline"]
        assert failed(verdict) == {"context"}


class TestVerdicts:
    def test_every_problem_has_a_type_url_and_titles(self, world, presentation):
        for document in (presentation, {}, b"", {"proof": 1}):
            for problem in vc.verify(document, challenge="other").problems:
                detail = problem.to_dict()
                assert detail["type"].startswith("https://")
                assert detail["title"] and detail["titleZh"]
                assert problem.code in PROBLEMS

    def test_it_is_json(self, world, presentation):
        json.dumps(_verify(presentation, world, explain=True).to_dict())

    def test_nothing_given_is_changed(self, world, presentation):
        before = copy.deepcopy(presentation)
        _verify(presentation, world, explain=True)
        assert presentation == before

    async def test_the_asynchronous_twin_says_the_same(self, world, presentation):
        expected = {"challenge": "c-1", "domain": "hotel.example", "now": world.now}
        assert await vc.verify_async(presentation, **expected) == vc.verify(presentation, **expected)
        wrong = expected | {"challenge": "c-2"}
        assert await vc.verify_async(presentation, **wrong) == vc.verify(presentation, **wrong)

    def test_expectations_that_make_no_sense_are_the_callers_mistake(self, presentation):
        for wrong in ({"challenge": b"c"}, {"domain": []}, {"domain": [1]}, {"domain": 7}):  # type: ignore[var-annotated]
            with pytest.raises(TypeError):
                vc.verify(presentation, **wrong)
        with pytest.raises(ValueError, match="time zone"):
            vc.verify(presentation, now=datetime(2026, 1, 1))

    def test_a_credential_signed_by_a_clock_ahead_is_a_warning(self, world):
        secured = vc.issue(world.credential(), world.key("issuer"), now=world.now + timedelta(hours=1))
        verdict = vc.verify(secured, now=world.now)
        assert verdict.verified
        assert [warning.code for warning in verdict.warnings] == ["warning.created"]

    def test_a_status_that_is_not_checked_is_a_warning(self, world):
        entry = {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://issuer.example/status/1",
        }
        secured = vc.issue(world.credential(credentialStatus=entry), world.key("issuer"), now=world.now)
        verdict = vc.verify(secured, now=world.now)
        assert verdict.verified
        assert [warning.code for warning in verdict.warnings] == ["warning.status"]


def test_the_face_is_what_it_says():
    assert len(set(vc.__all__)) == len(vc.__all__)
    public = {name for name in vars(vc)["_HOMES"] if not name.startswith("_")}
    assert set(vc.__all__) == public, "what is named and what can be had are the same"
    for name in vc.__all__:
        assert getattr(vc, name) is not None
    with pytest.raises(AttributeError):
        _ = vc.nothing
    assert set(vc.__all__) <= set(dir(vc))


def test_importing_vc_loads_nothing_heavy():
    heavy = ("pyld", "pydid", "cryptography", "aiohttp", "did", "cbor2")
    code = f"import sys, vc; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
