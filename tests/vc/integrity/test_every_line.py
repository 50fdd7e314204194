"""What each line that reads a proof is for: a proof that is signed over a wrong member of its own is refused for it."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest

import did
import vc
from contexts import CONTEXTS
from did import multibase
from vc.integrity import CRYPTOSUITES, Environment
from vc.integrity.chain import MAX_PROOFS, input_document, matching_proofs, proofs_of, without_proof
from vc.integrity.disclosure import MAX_POINTERS, Groups, check_pointers, combine_pointers
from vc.integrity.members import ProofMembers, read_members
from vc.integrity.proof_value import (
    MAX_PROOF_VALUE,
    check_bytes,
    check_mandatory_pointers,
    decode_array,
    decode_base64url,
    decode_components,
    decode_signature,
    encode_components,
    encode_signature,
    has_header,
)
from vc.problems import ProblemError
from vc.securing import add_proof

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
URLS = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
ISSUER = did.SoftwareKey.from_seed("P-256", b"issuer of members")
DOCUMENT: dict[str, Any] = {
    "@context": URLS,
    "type": ["VerifiableCredential"],
    "issuer": ISSUER.did,
    "credentialSubject": {"alumniOf": "A school"},
}
CONFIG: dict[str, Any] = {
    "type": "DataIntegrityProof",
    "cryptosuite": "ecdsa-jcs-2019",
    "verificationMethod": ISSUER.verification_method,
    "proofPurpose": "assertionMethod",
}
LONGEST = 65_536


def signed(**members: Any) -> dict[str, Any]:
    """A credential whose signature is right over whatever its proof says."""
    proof = CRYPTOSUITES["ecdsa-jcs-2019"].create_proof(DOCUMENT, ISSUER, {**CONFIG, **members})
    return {**DOCUMENT, "proof": proof}


def places(document: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in vc.verify(document, now=NOW).problems]


def code(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(ProblemError) as raised:
        call(*arguments, **options)
    return raised.value.code


class TestMembers:
    def test_one_that_is_right_is_read(self) -> None:
        assert places(signed()) == []
        proof = signed(
            created="2026-06-01T07:00:00Z", expires="2026-06-01T09:00:00Z", domain="d", challenge="c", nonce="n"
        )
        assert places(proof) == []
        members = read_members(proof["proof"], "/proof")
        assert isinstance(members, ProofMembers)
        assert (members.domains, members.challenge, members.previous) == (["d"], "c", [])
        assert members.created is not None and members.expires is not None and members.created < members.expires

    @pytest.mark.parametrize("name", ["challenge", "nonce"])
    @pytest.mark.parametrize("value", [7, True, {}, ["c"], "c" * (LONGEST + 1)], ids=lambda value: str(value)[:9])
    def test_a_text_is_one_and_not_too_long(self, name: str, value: Any) -> None:
        assert ("proof.form", f"/proof/{name}") in places(signed(**{name: value}))
        assert places(signed(**{name: "c" * LONGEST})) == []

    @pytest.mark.parametrize("name", ["domain", "previousProof"])
    @pytest.mark.parametrize("value", [7, {}, "", [""], ["a", 7], ["a", ""], ["a", None], [["a"]], "d" * (LONGEST + 1)])
    def test_texts_are_some_and_each_is_one(self, name: str, value: Any) -> None:
        assert ("proof.form", f"/proof/{name}") in places(signed(**{name: value}))

    @pytest.mark.parametrize("value", [None, []])
    @pytest.mark.parametrize("name", ["challenge", "domain", "previousProof", "nonce", "unheardOf", "created", "id"])
    def test_one_without_a_value_is_refused_as_nothing_would_sign_it(self, name: str, value: Any) -> None:
        assert ("proof.form", "/proof") in places(signed(**{name: value}))

    @pytest.mark.parametrize("value", ["no url", "", 7, {}, "a b:c"])
    def test_an_id_is_a_url(self, value: Any) -> None:
        assert ("proof.form", "/proof/id") in places(signed(id=value))

    @pytest.mark.parametrize("value", ["yesterday", "2026-06-01", "2026-06-01T08:00:00", 7, {}, "2026-13-01T00:00:00Z"])
    def test_a_time_has_a_zone(self, value: Any) -> None:
        assert places(signed(created=value)) == [("proof.created", "/proof/created")]
        assert places(signed(expires=value)) == [("proof.form", "/proof/expires")]

    @pytest.mark.parametrize("name", ["verificationMethod", "proofPurpose", "proofValue"])
    def test_what_a_proof_can_not_do_without(self, name: str) -> None:
        for value in ("", None, 7, [], ["x"], {"id": "x"}, False):
            proof = {**signed()["proof"], name: value}
            found = read_members(proof, "/proof")
            assert isinstance(found, list)
            assert ("proof.form", "/proof") in [(p.code, p.pointer) for p in found], value
        proof = {key: value for key, value in signed()["proof"].items() if key != name}
        found = read_members(proof, "/proof")
        assert isinstance(found, list)
        assert [p.code for p in found] == ["proof.form"]
        assert name in found[0].detail

    @pytest.mark.parametrize(
        ("change", "wrong", "pointer"),
        [
            ({"type": 7}, "proof.form", ""),
            ({"type": ["DataIntegrityProof"]}, "proof.form", ""),
            ({"cryptosuite": 7}, "proof.form", ""),
            ({"cryptosuite": ["ecdsa-jcs-2019"]}, "proof.form", ""),
            ({"cryptosuite": "ecdsa-jcs-2099"}, "proof.suite_unknown", "/cryptosuite"),
            ({"cryptosuite": "Ed25519Signature2020"}, "proof.suite_unknown", "/cryptosuite"),
            ({"type": "ecdsa-jcs-2019"}, "proof.suite_unknown", "/type"),
            ({"type": "RsaSignature2018"}, "proof.suite_unknown", "/type"),
        ],
    )
    def test_a_suite_goes_by_its_own_type_and_name(self, change: Any, wrong: str, pointer: str) -> None:
        found = read_members({**signed()["proof"], **change}, "/proof")
        assert isinstance(found, list)
        assert [(p.code, p.pointer) for p in found] == [(wrong, "/proof" + pointer)]

    @pytest.mark.parametrize("proof", [None, "proof", 7, [], [{}]])
    def test_what_is_no_object_is_no_proof(self, proof: Any) -> None:
        found = read_members(proof, "/proof/3")
        assert isinstance(found, list)
        assert [(p.code, p.pointer) for p in found] == [("proof.form", "/proof/3")]

    def test_each_that_is_wrong_is_named(self) -> None:
        found = read_members({**signed()["proof"], "domain": 7, "challenge": 7, "created": 7}, "/proof")
        assert isinstance(found, list)
        assert [p.pointer for p in found] == ["/proof/challenge", "/proof/created", "/proof/domain"]


class TestSetsAndChains:
    def test_sixteen_proofs_are_looked_at_and_one_more_is_too_many(self) -> None:
        assert MAX_PROOFS == 16
        assert len(proofs_of({"proof": [{}] * 16})) == 16
        assert code(proofs_of, {"proof": [{}] * 17}) == "proof.form"
        for none in ({}, {"proof": None}, {"proof": []}):  # type: ignore[var-annotated]
            assert code(proofs_of, none) == "proof.missing"

    def test_an_earlier_proof_is_named_by_an_id_that_one_has(self) -> None:
        one, other = {"id": "urn:1"}, {"id": "urn:2"}
        assert matching_proofs(["urn:2"], [one, other]) == [other]
        assert matching_proofs(["urn:2", "urn:1"], [one, other]) == [one, other]
        for names, proofs in (
            (["urn:3"], [one, other]),
            (["urn:1"], [one, one]),
            (["urn:1", "urn:3"], [one]),
            (["urn:1"], []),
            (["urn:1"], [{}]),
        ):
            assert code(matching_proofs, names, proofs) == "proof.previous"

    def test_what_is_signed_is_the_document_with_those_and_no_others(self) -> None:
        document = {"a": 1}
        assert input_document(document, []) is document
        assert input_document(document, [{"id": "urn:1"}]) == {"a": 1, "proof": [{"id": "urn:1"}]}
        assert without_proof({"a": 1, "proof": {}}) == {"a": 1}
        assert without_proof(document) == document

    def test_an_earlier_proof_can_not_be_swapped_for_another_genuine_one(self) -> None:
        notary = did.SoftwareKey.from_seed("Ed25519", b"notary of members")
        first = vc.issue(dict(DOCUMENT), ISSUER, proof_id="urn:uuid:1", now=NOW)
        chained = add_proof(
            first,
            notary,
            cryptosuite="eddsa-rdfc-2022",
            config={"proofPurpose": "assertionMethod", "id": "urn:uuid:2", "previousProof": "urn:uuid:1"},
            options=None,
            env=Environment(clock=lambda: NOW),
        )
        assert places(chained) == []
        genuine = vc.issue(dict(DOCUMENT), ISSUER, proof_id="urn:uuid:1", created=NOW.replace(hour=7), now=NOW)
        swapped = copy.deepcopy(chained)
        swapped["proof"][0] = genuine["proof"]
        assert places(swapped) == [("proof.signature", "/proof/1")]


class TestAddedContexts:
    """A proof over JSON names the contexts it was made with. Whoever adds one later may change no meaning by it."""

    OTHER = "https://other.example/v1"

    def added(self, definitions: str, suite: str = "ecdsa-jcs-2019") -> vc.Verdict:
        content = f'{{"@context": {definitions}}}'.encode()
        mine = CONTEXTS.with_context(self.OTHER, content, hashlib.sha256(content).hexdigest())
        document = {**signed(), "@context": [*URLS, self.OTHER]}
        return vc.verify(document, now=NOW, contexts=mine)

    def test_one_that_gives_a_word_another_meaning_is_refused(self) -> None:
        verdict = self.added('{"alumniOf": "https://other.example/#expelledFrom"}')
        assert [problem.code for problem in verdict.problems] == ["proof.context"]
        assert not verdict.verified

    def test_one_that_takes_a_words_meaning_is_refused(self) -> None:
        assert not self.added('{"alumniOf": null}').verified

    def test_one_that_gives_it_another_name_is_refused_too(self) -> None:
        """The statements are the same, and software would look for them under the other name."""
        verdict = self.added('{"alumni": "https://www.w3.org/ns/credentials/examples#alumniOf"}')
        assert not verdict.verified
        assert [problem.code.partition(".")[0] for problem in verdict.problems] == ["reading"]

    def test_one_that_was_there_from_the_beginning_means_what_it_says(self) -> None:
        content = b'{"@context": {"wordOfAnother": "https://other.example/#word"}}'
        mine = CONTEXTS.with_context(self.OTHER, content, hashlib.sha256(content).hexdigest())
        document = {**DOCUMENT, "@context": [URLS[0], self.OTHER], "credentialSubject": {"wordOfAnother": "x"}}
        secured = vc.issue(document, ISSUER, cryptosuite="ecdsa-jcs-2019", contexts=mine, now=NOW)
        assert vc.verify(secured, now=NOW, contexts=mine).verified
        assert not vc.verify(secured, now=NOW).verified

    @pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "ecdsa-rdfc-2019"])
    def test_one_that_was_allowed_is_read_by_every_suite(self, suite: str) -> None:
        content = b'{"@context": {"wordOfAnother": "https://other.example/#word"}}'
        mine = CONTEXTS.with_context(self.OTHER, content, hashlib.sha256(content).hexdigest())
        document = {**DOCUMENT, "@context": [URLS[0], self.OTHER], "credentialSubject": {"wordOfAnother": "x"}}
        secured = vc.issue(document, ISSUER, cryptosuite=suite, contexts=mine, now=NOW)
        if suite == "ecdsa-sd-2023":
            secured = vc.derive(secured, selective_pointers=["/credentialSubject/wordOfAnother"], contexts=mine)
        assert vc.verify(secured, now=NOW, contexts=mine).verified
        assert not vc.verify(secured, now=NOW).verified

    def test_one_that_says_nothing_of_it_is_not(self) -> None:
        verdict = self.added('{"wordOfAnother": "https://other.example/#word"}')
        assert verdict.verified, verdict.problems

    def test_the_first_ones_stay_in_their_order(self) -> None:
        for contexts in (URLS[:1], URLS[::-1], [URLS[1]], URLS[0]):
            assert not vc.verify({**signed(), "@context": contexts}, now=NOW).verified


class TestProofValues:
    def test_a_signature_has_its_length_and_its_letters(self) -> None:
        assert decode_signature(encode_signature(bytes(range(64))), 64) == bytes(range(64))
        for wrong in (
            encode_signature(bytes(63)),
            encode_signature(bytes(65)),
            encode_signature(bytes(64)) + " ",
            "z" + "0" * 64,
            "u" + multibase.encode(bytes(64), "u")[1:],
            "z" + "1" * 1_000,
        ):
            assert code(decode_signature, wrong, 64) == "proof.value"
        # Twice the length is the longest text that is decoded at all: "1" is one byte of zero.
        assert "holds 127 bytes" in message(decode_signature, "z" + "1" * 127, 64)
        assert "not a signature of 64 bytes" in message(decode_signature, "z" + "1" * 128, 64)

    def test_components_stand_behind_their_header_as_many_as_they_are(self) -> None:
        header = b"\xd9\x5d\x01"
        value = encode_components(header, [b"a", 1])
        assert decode_components(value, header, 2) == [b"a", 1]
        assert code(decode_components, value, b"\xd9\x5d\x00", 2) == "proof.value"
        for count in (1, 3, (), (1, 3)):
            assert code(decode_components, value, header, count) == "proof.value"
        assert decode_array(cbor2.dumps([1, 2]), (1, 2)) == [1, 2]
        for wrong in (cbor2.dumps({0: 1, 1: 2}), cbor2.dumps("ab"), b"", b"\x82\x01", cbor2.dumps([1, 2]) + b"\x00"):
            assert code(decode_array, wrong, 2) == "proof.value"
        tagged = cbor2.dumps(cbor2.CBORTag(42, [1, 2]))
        assert code(decode_array, tagged, 2) == "proof.value"

    def test_base64url_starts_with_u_and_ends_somewhere(self) -> None:
        assert decode_base64url("uAAAA") == bytes(3)
        for wrong in ("", "AAAA", "zAAAA", "u====", "uA", "u!!!!"):
            assert code(decode_base64url, wrong) == "proof.value"
        assert len(decode_base64url("u" + "A" * (MAX_PROOF_VALUE - 1))) == (MAX_PROOF_VALUE - 1) * 3 // 4
        assert "longer than" in message(decode_base64url, "u" + "A" * MAX_PROOF_VALUE)

    def test_a_header_is_looked_for_in_anything(self) -> None:
        header = b"\xd9\x5d\x01"
        assert has_header(encode_components(header, []), header)
        for other in (None, 7, [], {}, b"u2V0B", "", "u2V0", encode_components(b"\xd9\x5d\x00", [])):  # type: ignore[var-annotated]
            assert not has_header(other, header)

    def test_a_component_is_of_its_type_and_length(self) -> None:
        check_bytes("x", b"")
        check_bytes("x", b"ab", 2)
        for value, length in ((b"ab", 3), (b"ab", 1), (b"", 1), ("ab", 2), (bytearray(b"ab"), 2), (None, None)):
            assert code(check_bytes, "x", value, length) == "proof.value"
        check_mandatory_pointers([])
        check_mandatory_pointers(["/a", "/b"])
        for wrong in (None, "/a", ("/a",), [b"/a"], ["/a", 7], {"/a": 1}):
            assert code(check_mandatory_pointers, wrong) == "proof.value"


class TestKeys:
    def test_a_key_that_signs_no_documents_is_named(self) -> None:
        agreement = did.SoftwareKey.from_seed("X25519", b"key of members").public_key
        method = did.VerificationMethod("did:example:1#k", "Multikey", "did:example:1", agreement)
        for name in ("ecdsa-jcs-2019", "ecdsa-rdfc-2019", "eddsa-rdfc-2022", "eddsa-jcs-2022"):
            suite = CRYPTOSUITES[name]
            assert code(suite.verify_proof, DOCUMENT, signed()["proof"], method) == "method.key_type"

            class Foreign:
                algorithm, did, verification_method = "RSA-2048", "did:example:1", "did:example:1#k"

            assert code(suite.create_proof, DOCUMENT, Foreign(), dict(CONFIG)) == "method.key_type"


class TestPointers:
    def test_they_are_pointers_each_of_them(self) -> None:
        assert check_pointers(["", "/a", "/a~0b/~1", "/a/0"]) == ["", "/a", "/a~0b/~1", "/a/0"]
        for wrong in (
            "/a",
            "//",
            "",
            b"/a",
            b"",
            None,
            7,
            {"/a"},
            ["a"],
            ["/a", "b"],
            ["/~"],
            ["/~2"],
            ["/a~"],
            [None],
            [7],
            [""" a"""],
        ):
            assert code(check_pointers, wrong) == "pointer.form"
        assert len(check_pointers(["/a"] * MAX_POINTERS)) == MAX_POINTERS
        assert code(check_pointers, ["/a"] * (MAX_POINTERS + 1)) == "pointer.form"

    def test_nothing_is_no_disclosure(self) -> None:
        assert combine_pointers(["/a", "/b"], ["/b", "/c"]) == ["/a", "/b", "/c"]
        assert code(combine_pointers, [], []) == "pointer.no_match"

    def test_the_groups_count_what_they_hold(self) -> None:
        groups = Groups(mandatory=[0, 3], selective=[2, 5], combined=[0, 2, 3, 5])
        assert groups.mandatory_among_combined() == [0, 2]
        assert groups.positions_among_non_mandatory() == [1, 3]
        assert groups.to_dict(6) == {
            "combinedIndexes": [0, 2, 3, 5],
            "mandatoryIndexes": [0, 3],
            "nonMandatoryIndexes": [1, 2, 4, 5],
            "selectiveIndexes": [2, 5],
        }


def message(call: Any, *arguments: Any) -> str:
    with pytest.raises(ProblemError) as raised:
        call(*arguments)
    return raised.value.problems[0].detail
