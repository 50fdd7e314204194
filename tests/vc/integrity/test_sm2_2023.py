"""sm2-2023 and sm2-sd-2023: independent bytes, proof sets with ecdsa-sd-2023, policies, bad inputs, no library."""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from typing import Any

import gmssl_pyx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

import did
import vc
from contexts import CONTEXTS
from did import multibase
from did.key_types.ecdsa import ecdsa_der, ecdsa_parts
from did.libcrypto import LibcryptoMissing, Sm2Key
from vc import integrity
from vc.extras import missing_extra
from vc.integrity import CRYPTOSUITES, Environment, unknown_suite
from vc.integrity.ecdsa_sd_2023 import BaseProofValue, DerivedProofValue
from vc.problems import ProblemError

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
SM2 = did.SoftwareKey.from_seed("SM2", b"authority")
P256 = did.SoftwareKey.from_seed("P-256", b"authority")
STRANGER = did.SoftwareKey.from_seed("SM2", b"somebody else")
AUTHORITY = "did:web:police.example"
NATIONAL = ["sm2-2023", "sm2-sd-2023"]


def credential(issuer: str = SM2.did, **subject: Any) -> dict[str, Any]:
    """One without blank nodes, so that its canonical form does not hang on the hash."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:7c9f2a52-6a53-4f4c-9f0f-7d4a50f2f001",
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": "did:example:subject", "name": "张三", "ageOver18": True, **subject},
    }


def codes(document: Any, **stated: Any) -> list[str]:
    return [problem.code for problem in vc.verify(document, **{"now": NOW, **stated}).problems]


def canonical(document: dict[str, Any]) -> bytes:
    """By another JSON-LD processor."""

    def load(url: str, _: Any = None) -> dict[str, Any]:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": CONTEXTS.get(url),
            "contentType": "application/ld+json",
        }

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    text: str = jsonld.normalize(document, options)
    return text.encode()


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def point(key: did.PublicKey) -> bytes:
    return b"".join(Sm2Key.public(key.raw).coordinates())


@pytest.fixture(scope="module")
def base() -> dict[str, Any]:
    subject = {"alumniOf": {"type": "Organization", "name": "一中"}, "degree": {"name": "学士"}}
    return vc.issue(credential(**subject), SM2, cryptosuite="sm2-sd-2023", now=NOW)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def resolver() -> did.Resolver:
    """The authority's document lists both keys."""

    class Authority(did.Resolver):
        def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
            if did_url.startswith(AUTHORITY):
                key = {"#sm2": SM2, "#p256": P256}[did_url.removeprefix(AUTHORITY)]
                return did.VerificationMethod(did_url, "Multikey", AUTHORITY, key.public_key)
            return super().dereference(did_url, purpose)

    return Authority()


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    first = vc.issue(
        credential(AUTHORITY), P256.with_controller(AUTHORITY, "#p256"), cryptosuite="ecdsa-sd-2023", now=NOW
    )
    return vc.issue(first, SM2.with_controller(AUTHORITY, "#sm2"), cryptosuite="sm2-sd-2023", now=NOW)


class TestBytesThatStay:
    """Documents signed with the key of GB/T 32918.5: what was issued once verifies from then on."""

    @pytest.fixture
    def kept(self, case: Any) -> dict[str, Any]:
        found: dict[str, Any] = case("sm").json("sm2-suites")
        return found

    def test_they_verify(self, kept: dict[str, Any]) -> None:
        assert codes(kept["signed"]) == codes(kept["derived"]) == []
        assert codes(kept["base"]) == ["proof.base"]

    def test_what_is_derived_is_the_same_each_time(self, kept: dict[str, Any]) -> None:
        assert vc.derive(kept["base"], selective_pointers=kept["selectivePointers"]) == kept["derived"]


class TestTheWholeDocument:
    def test_other_libraries_come_to_the_same_bytes_and_verify_them(self) -> None:
        document = credential()
        secured = vc.issue(document, SM2, now=NOW)
        proof = secured["proof"]
        assert proof["cryptosuite"] == "sm2-2023"
        config = {name: value for name, value in proof.items() if name != "proofValue"}
        signed = sm3(canonical({**config, "@context": document["@context"]})) + sm3(canonical(document))
        signature = multibase.decode(proof["proofValue"])
        assert len(signature) == 64
        assert gmssl_pyx.sm2_verify(point(SM2.public_key), signed, ecdsa_der(signature, 32))

    def test_what_another_library_signed_verifies(self) -> None:
        public, private = gmssl_pyx.sm2_key_generate()
        key = did.PublicKey("SM2", bytes([2 + (public[63] & 1)]) + bytes(public[:32]))
        controller = f"did:key:{key.to_multikey()}"
        document = credential(controller)
        config = {
            "type": "DataIntegrityProof",
            "cryptosuite": "sm2-2023",
            "created": "2026-06-01T08:00:00Z",
            "verificationMethod": f"{controller}#{key.to_multikey()}",
            "proofPurpose": "assertionMethod",
        }
        signed = sm3(canonical({**config, "@context": document["@context"]})) + sm3(canonical(document))
        signature = ecdsa_parts(bytes(gmssl_pyx.sm2_sign(private, public, signed)), 32)
        secured = {**document, "proof": {**config, "proofValue": multibase.encode(signature, "z")}}
        assert codes(secured) == []
        assert codes({**secured, "credentialSubject": {"id": "did:example:other"}}) == ["proof.signature"]

    def test_it_is_the_suite_of_the_key_unless_another_is_named(self) -> None:
        assert vc.issue(credential(), SM2)["proof"]["cryptosuite"] == "sm2-2023"
        assert vc.present([], SM2, challenge="c", domain="d")["proof"]["cryptosuite"] == "sm2-2023"

    def test_keys_of_other_types_are_refused(self) -> None:
        for name in NATIONAL:
            with pytest.raises(ProblemError) as raised:
                vc.issue(credential(P256.did), P256, cryptosuite=name)
            assert raised.value.code == "method.key_type"
        secured = vc.issue(credential(), SM2)
        taken_over = {**secured, "proof": {**secured["proof"], "cryptosuite": "ecdsa-rdfc-2019"}}
        assert codes(taken_over) == ["method.key_type"]

    def test_an_envelope_is_refused_with_a_reason(self) -> None:
        with pytest.raises(ProblemError):
            vc.issue_enveloped(credential(), SM2, envelope="vc+jwt")

    @pytest.mark.parametrize("value", ["z", "z1", "u" + "A" * 86, "z" + "1" * 64, "zEPJ", "z" + "2" * 3000])
    def test_a_bad_proof_value_is_a_problem_and_no_exception(self, value: str) -> None:
        secured = vc.issue(credential(), SM2, now=NOW)
        assert codes({**secured, "proof": {**secured["proof"], "proofValue": value}})[0] in {
            "proof.value",
            "proof.signature",
        }


class TestSelectiveDisclosure:
    def test_the_proof_values_have_the_precedents_form(self, base: dict[str, Any]) -> None:
        proof = base["proof"]
        assert multibase.decode(proof["proofValue"])[:3] == b"\xd9\x5d\x00"
        value = BaseProofValue.parse(proof["proofValue"], "SM2")
        assert (len(value.base_signature), len(value.public_key), len(value.hmac_key)) == (64, 35, 32)
        assert value.public_key[:2] == b"\x86\x24"
        derived = vc.derive(base, selective_pointers=["/credentialSubject/name"])
        assert multibase.decode(derived["proof"]["proofValue"])[:3] == b"\xd9\x5d\x01"
        assert {len(s) for s in DerivedProofValue.parse(derived["proof"]["proofValue"], "SM2").signatures} == {64}

    def test_another_library_verifies_each_signature(self, base: dict[str, Any]) -> None:
        """The base signature and those of the statements, over bytes that are put together here."""
        trace: dict[str, Any] = {}
        CRYPTOSUITES["sm2-sd-2023"].create_proof(
            credential(), SM2, {n: v for n, v in base["proof"].items() if n != "proofValue"}, trace=trace
        )
        hashes, raw = trace["addHashData"], trace["addRawBaseSignatureInfo"]
        key = multibase.decode(raw["publicKey"])
        signed = bytes.fromhex(hashes["proofHash"]) + key + bytes.fromhex(hashes["mandatoryHash"])
        assert hashes["mandatoryHash"] == sm3(b"").hex()
        assert gmssl_pyx.sm2_verify(point(SM2.public_key), signed, ecdsa_der(bytes.fromhex(raw["baseSignature"]), 32))
        own = point(did.PublicKey("SM2", key[2:]))
        statements = [line.encode() for line in trace["addBaseTransform"]["nonMandatory"].values()]
        assert len(statements) == len(raw["signatures"]) > 3
        for statement, signature in zip(statements, raw["signatures"], strict=True):
            assert gmssl_pyx.sm2_verify(own, statement, ecdsa_der(bytes.fromhex(signature), 32))

    @given(st.sets(st.sampled_from(["name", "ageOver18", "alumniOf", "alumniOf/name", "degree/name", "degree"])))
    @settings(max_examples=15, deadline=None)
    def test_whatever_is_chosen_verifies_and_shows_no_more(self, base: dict[str, Any], chosen: set[str]) -> None:
        pointers = [f"/credentialSubject/{name}" for name in sorted(chosen)]
        derived = vc.derive(base, selective_pointers=pointers)
        assert codes(derived) == []
        assert set(derived["credentialSubject"]) - {"id", "type"} == {name.partition("/")[0] for name in chosen}

    def test_a_base_proof_is_never_taken_by_a_verifier(self, base: dict[str, Any]) -> None:
        assert codes(base) == ["proof.base"]
        with pytest.raises(ProblemError):
            vc.present([base], P256)

    def test_a_changed_a_moved_and_a_hidden_statement_are_found(self, base: dict[str, Any]) -> None:
        derived = vc.derive(base, selective_pointers=["/credentialSubject/name", "/credentialSubject/ageOver18"])
        subject = derived["credentialSubject"]
        for changed in ({**subject, "name": "李四"}, {**subject, "ageOver18": False}):
            assert codes({**derived, "credentialSubject": changed}) == ["proof.signature"]
        fewer = {name: value for name, value in subject.items() if name != "name"}
        assert codes({**derived, "credentialSubject": fewer}) == ["proof.value"]
        other = vc.derive(
            vc.issue(credential(name="李四"), SM2, cryptosuite="sm2-sd-2023", now=NOW),
            selective_pointers=["/credentialSubject/name"],
        )
        assert codes({**derived, "proof": other["proof"]}) == ["proof.signature"]

    def test_a_proof_of_ecdsa_sd_is_none_of_this_suite_nor_the_other_way_round(self, base: dict[str, Any]) -> None:
        derived = vc.derive(base, selective_pointers=["/credentialSubject/name"])
        assert codes({**derived, "proof": {**derived["proof"], "cryptosuite": "ecdsa-sd-2023"}}) == ["method.key_type"]
        with pytest.raises(ProblemError):
            DerivedProofValue.parse(derived["proof"]["proofValue"], "P-256")

    def test_fewer_statements_than_usual_get_a_signature_of_their_own(self) -> None:
        suite = CRYPTOSUITES["sm2-sd-2023"]
        most = suite.most_signatures  # type: ignore[attr-defined]
        document = credential(**{f"p{number}": number for number in range(most)})  # type: ignore[arg-type]
        with pytest.raises(ProblemError) as raised:
            vc.issue(document, SM2, cryptosuite="sm2-sd-2023")
        assert f"at most {most}" in raised.value.problems[0].detail
        proof = vc.derive(vc.issue(credential(), SM2, cryptosuite="sm2-sd-2023"))["proof"]
        value = DerivedProofValue.parse(proof["proofValue"], "SM2")
        dear = value._replace(signatures=[bytes(64)] * (most + 1)).serialize()
        problems = vc.verify({**credential(), "proof": {**proof, "proofValue": dear}}).problems
        assert [problem.code for problem in problems] == ["proof.value"]
        assert f"at most {most}" in problems[0].detail


class TestSideBySide:
    """A card of an authority with both proofs, and verifiers who need one or the other."""

    @pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "sm2-sd-2023"])
    def test_the_holder_derives_with_the_suite_that_is_needed(
        self, card: dict[str, Any], resolver: did.Resolver, suite: str
    ) -> None:
        assert [proof["cryptosuite"] for proof in card["proof"]] == ["ecdsa-sd-2023", "sm2-sd-2023"]
        derived = vc.derive(card, selective_pointers=["/credentialSubject/ageOver18"], cryptosuite=suite)
        assert derived["proof"]["cryptosuite"] == suite
        assert "name" not in derived["credentialSubject"]
        assert codes(derived, resolver=resolver) == []
        national = vc.VerificationPolicy(resolver=resolver, expected_cryptosuites=NATIONAL)
        expected = [] if suite == "sm2-sd-2023" else ["policy.cryptosuite"]
        assert [p.code for p in vc.verify(derived, national, now=NOW).problems] == expected
        assert codes(derived, resolver=resolver, expected_cryptosuites=["ecdsa-sd-2023", *NATIONAL]) == []

    def test_one_of_several_has_to_be_named(self, card: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as raised:
            vc.derive(card)
        assert "sm2-sd-2023" in raised.value.problems[0].detail

    def test_a_set_of_whole_proofs_serves_both(self, resolver: did.Resolver) -> None:
        first = vc.issue(credential(AUTHORITY), P256.with_controller(AUTHORITY, "#p256"), now=NOW)
        both = vc.issue(first, SM2.with_controller(AUTHORITY, "#sm2"), now=NOW)
        for needed in (["ecdsa-rdfc-2019"], NATIONAL):
            assert codes(both, resolver=resolver, expected_cryptosuites=needed) == []
        assert codes(first, resolver=resolver, expected_cryptosuites=NATIONAL) == ["policy.cryptosuite"]
        assert codes({**both, "proof": both["proof"][:1]}, resolver=resolver, expected_cryptosuites=NATIONAL) == [
            "policy.cryptosuite"
        ]
        broken = {**both["proof"][0], "proofValue": both["proof"][1]["proofValue"]}
        assert codes(
            {**both, "proof": [broken, both["proof"][1]]}, resolver=resolver, expected_cryptosuites=NATIONAL
        ) == ["proof.signature"]

    def test_a_proof_that_a_stranger_added_does_not_meet_the_policy(self, resolver: did.Resolver) -> None:
        """The attacker's move: a good proof of the suite that is needed, by a key that is not the issuer's."""
        genuine = vc.issue(credential(AUTHORITY), P256.with_controller(AUTHORITY, "#p256"), now=NOW)
        suite = CRYPTOSUITES["sm2-2023"]
        config = {
            "type": "DataIntegrityProof",
            "cryptosuite": "sm2-2023",
            "created": "2026-06-01T08:00:00Z",
            "verificationMethod": STRANGER.verification_method,
            "proofPurpose": "assertionMethod",
        }
        added = suite.create_proof(credential(AUTHORITY), STRANGER, config)
        both = {**genuine, "proof": [genuine["proof"], added]}
        assert codes(both, resolver=resolver) == []
        assert codes(both, resolver=resolver, expected_cryptosuites=NATIONAL) == ["policy.cryptosuite"]

    def test_in_a_presentation_each_credential_has_to_meet_it(
        self, card: dict[str, Any], resolver: did.Resolver
    ) -> None:
        device = did.SoftwareKey.from_seed("P-256", b"device")
        shown = [vc.derive(card, cryptosuite=suite) for suite in ("sm2-sd-2023", "ecdsa-sd-2023")]
        presentation = vc.present(shown, device, challenge="c", domain="d", now=NOW)
        problems = vc.verify(
            presentation, challenge="c", domain="d", resolver=resolver, now=NOW, expected_cryptosuites=NATIONAL
        ).problems
        assert [(p.code, p.pointer) for p in problems] == [("policy.cryptosuite", "/verifiableCredential/1/proof")]

    def test_an_envelope_does_not_meet_it(self) -> None:
        jwt = vc.issue_enveloped(credential(P256.did), P256, envelope="vc+jwt")
        assert codes(jwt) == []
        assert codes(jwt, expected_cryptosuites=NATIONAL) == ["policy.cryptosuite"]

    def test_policies_together_accept_what_both_do(self) -> None:
        both = vc.VerificationPolicy(expected_cryptosuites=NATIONAL) & vc.VerificationPolicy(
            expected_cryptosuites=["sm2-2023", "ecdsa-rdfc-2019"]
        )
        assert both.expected_cryptosuites == {"sm2-2023"}
        with pytest.raises(TypeError):
            vc.VerificationPolicy(expected_cryptosuites="sm2-2023")


class TestAMachineWithoutIt:
    @pytest.fixture(autouse=True)
    def _without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in NATIONAL:
            monkeypatch.delitem(sys.modules, f"vc.integrity.{name.replace('-', '_')}", raising=False)
        suites = integrity._suites
        monkeypatch.setattr(suites, "_loaded", {k: v for k, v in suites._loaded.items() if k not in NATIONAL})
        monkeypatch.setattr(suites, "_missing", {})
        monkeypatch.setattr("did.libcrypto._looked_up", lambda: LibcryptoMissing("none was found"))

    def test_the_suites_are_absent_and_whoever_asks_is_told_why(self) -> None:
        for name in NATIONAL:
            assert CRYPTOSUITES.get(name) is None
            assert name not in CRYPTOSUITES
        assert unknown_suite("x").count("OpenSSL 3 on this machine") == 2

    def test_a_verifier_can_not_decide_and_says_what_is_missing(self) -> None:
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": "sm2-2023",
            "verificationMethod": "did:key:zEPJ#zEPJ",
            "proofPurpose": "assertionMethod",
            "proofValue": "z1",
        }
        verdict = vc.verify({**credential(), "proof": proof})
        assert not verdict.verified
        assert verdict.indeterminate
        assert [problem.code for problem in verdict.problems] == ["verification.extra_missing"]
        assert "OpenSSL 3" in verdict.problems[0].detail

    def test_an_issuer_is_told_why(self) -> None:
        with pytest.raises(ProblemError) as raised:
            vc.issue(credential(P256.did), P256, cryptosuite="sm2-2023")
        assert raised.value.code == "proof.suite_unknown"
        assert "OpenSSL 3" in raised.value.problems[0].detail

    def test_the_other_suites_are_there(self) -> None:
        assert codes(vc.issue(credential(P256.did), P256, now=NOW)) == []

    def test_other_import_errors_are_not_taken_for_it(self) -> None:
        assert missing_extra(ImportError("no", name="another")) is None


def test_random_sources_of_its_own_make_the_key_but_not_the_nonces() -> None:
    proofs = [
        CRYPTOSUITES["sm2-sd-2023"].create_proof(
            credential(),
            SM2,
            {
                "type": "DataIntegrityProof",
                "cryptosuite": "sm2-sd-2023",
                "verificationMethod": SM2.verification_method,
                "proofPurpose": "assertionMethod",
            },
            env=Environment(random=lambda count: b"\7" * count),
        )
        for _ in range(2)
    ]
    first, second = (BaseProofValue.parse(proof["proofValue"], "SM2") for proof in proofs)
    assert first.public_key == second.public_key
    assert first.signatures != second.signatures
