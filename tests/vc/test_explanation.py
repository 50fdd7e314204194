"""Explanations name every intermediate value as the specifications do, and say where two of them part ways."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

import vc
from vc.explanation import first_difference

VECTORS = Path(__file__).parents[1] / "vectors"


def _json(path):
    return json.loads((VECTORS / path).read_bytes())


def _text(path):
    return (VECTORS / path).read_text(encoding="utf-8")


def test_a_published_document_is_explained_by_the_published_values():
    folder = "vc-di-ecdsa/ecdsa-rdfc-2019-p384-employ/"
    explained = vc.explain(_json(folder + "signedECDSAP384.json"))
    (proof,) = explained["proofs"]
    assert proof["pointer"] == "/proof"
    assert proof["cryptosuite"] == "ecdsa-rdfc-2019"
    for name in ("canonDoc", "proofCanon"):
        assert proof[name] == _text(f"{folder}{name}ECDSAP384.txt")
    for name in ("docHash", "proofHash", "combinedHash", "sigHex", "sigBTC58"):
        assert proof[name] == _text(f"{folder}{name}ECDSAP384.txt").strip()
    # The issuer of the published documents does not control the key: that is said, and nothing is left out for it.
    assert [p["code"] for p in explained["verdict"]["problemDetails"]][:1] == ["issuer.controller"]


def test_the_method_is_shown_as_resolved_with_the_reason_it_was_allowed():
    signed = _json("vc-di-eddsa/eddsa-rdfc-2022-basic/signedDataInt.json")
    explained = vc.explain(signed)
    method = explained["proofs"][0]["verificationMethod"]
    assert method["id"] == signed["proof"]["verificationMethod"]
    assert method["publicKeyMultibase"] == "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert "assertionMethod" in method["allowedBecause"]


def test_contexts_are_shown_with_their_digests_and_unknown_ones_without():
    signed = _json("vc-di-eddsa/eddsa-rdfc-2022-basic/signedDataInt.json")
    signed["@context"].append("https://unknown.example/v1")
    contexts = vc.explain(signed)["contexts"]
    # VCDM 2.0 appendix B.1.
    assert contexts["https://www.w3.org/ns/credentials/v2"] == (
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    )
    assert contexts["https://unknown.example/v1"] is None


def test_a_base_proof_is_explained_by_deriving_from_it():
    folder = "vc-di-ecdsa/ecdsa-sd-2023-prc/"
    (proof,) = vc.explain(_json(folder + "addSignedSDBase.json"))["proofs"]
    assert proof["addBaseDocCanon"] == _json(folder + "addBaseDocCanon.json")
    assert proof["derivedRecoveredBaseData"]["hmacKey"] == "00112233445566778899aabbccddeeff" * 2
    assert proof["verifyNQuads"] == _json(folder + "addBaseDocHMACCanon.json")
    assert proof["verifyCreateVerifyData"]["mandatoryHash"] == _json(folder + "addHashData.json")["mandatoryHash"]


def test_a_derived_proof_is_explained_by_the_published_values():
    folder = "vc-di-ecdsa/ecdsa-sd-2023-prc/"
    (proof,) = vc.explain(_json(folder + "derivedRevealDocument.json"))["proofs"]
    assert proof["verifyNQuads"] == _json(folder + "verifyNQuads.json")
    assert proof["verifyCreateVerifyData"] == _json(folder + "verifyCreateVerifyData.json")


@pytest.mark.parametrize(
    "document", [{}, {"proof": {}}, {"proof": [1, None]}, {"@context": [{}]}, {"a": {"@context": 7}}]
)
def test_what_cannot_be_verified_is_explained_all_the_same(document):
    explained = vc.explain(document)
    assert not explained["verdict"]["verified"]
    json.dumps(explained)


@pytest.mark.parametrize("document", [b"", b"[]", "{", None, 7])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(vc.ProblemError):
        vc.explain(document)


class TestDifferences:
    SIGNED = "vc-di-eddsa/eddsa-rdfc-2022-basic/signedDataInt.json"

    def _differ(self, change):
        ours = _json(self.SIGNED)
        theirs = copy.deepcopy(ours)
        change(theirs)
        return first_difference(vc.explain(ours), vc.explain(theirs))

    def test_two_equal_documents_do_not_differ(self):
        assert self._differ(lambda d: None) is None
        assert self._differ(lambda d: d.update(type=d["type"][::-1])) is None

    def test_another_context_comes_first(self):
        found = self._differ(lambda d: d["@context"].append("https://w3id.org/security/multikey/v1"))
        assert (found.name, found.place) == ("contexts", "/https://w3id.org/security/multikey/v1")

    def test_another_claim_shows_in_the_canonical_document_with_its_line(self):
        found = self._differ(lambda d: d.update(name="Another"))
        assert (found.name, found.place) == ("canonDoc", "/4")
        assert '"Another"' in found.theirs
        assert '"Alumni Credential"' in found.ours

    def test_another_member_of_the_proof_shows_in_the_proof_configuration(self):
        found = self._differ(lambda d: d["proof"].update(created="2024-01-01T00:00:00Z"))
        assert (found.name, found.place) == ("proofConfig", "/created")

    def test_another_signature_shows_last(self):
        other = "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme"
        found = self._differ(lambda d: d["proof"].update(proofValue=other[:-1] + "f"))
        assert found.name in ("sigBTC58", "sigHex")

    def test_a_proof_more_or_less_is_a_difference(self):
        found = self._differ(lambda d: d.update(proof=[d["proof"], d["proof"]]))
        assert (found.name, found.place) == ("proofs", "/1")
