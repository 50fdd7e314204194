"""What ends, limits or binds a credential is shown whatever its holder chooses, unless its issuer says otherwise."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import did
import vc
from vc.integrity import CRYPTOSUITES, Environment, discloses
from vc.model.limiting import limiting_pointers
from vc.securing import add_proof

SUITES = [("ecdsa-sd-2023", "P-256"), ("bbs-2023", "BLS12-381-G2")]
HOLDER = did.SoftwareKey.from_seed("P-256", b"holder who hides")


def credential(issuer: str, **change: Any) -> dict[str, Any]:
    """A credential that has every member which ends, limits or binds it."""
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:4e2b6d1e-7f3c-4f6e-9d0b-0a1b2c3d4e5f",
        "type": ["VerifiableCredential"],
        "issuer": {"id": issuer, "name": "An authority"},
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2036-01-01T00:00:00Z",
        "credentialStatus": {
            "id": "https://status.example/1#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://status.example/1",
        },
        "credentialSchema": {"id": "https://schemas.example/person.json", "type": "JsonSchema"},
        "termsOfUse": {"type": "https://terms.example/Counter", "id": "https://terms.example/1"},
        "evidence": {"type": "https://terms.example/Seen", "id": "https://evidence.example/1"},
        "refreshService": {"type": "https://terms.example/Refresh", "id": "https://refresh.example/1"},
        "confidenceMethod": {"type": "https://terms.example/Key", "id": HOLDER.verification_method},
        "credentialSubject": {"id": HOLDER.did, "alumniOf": "A school", "degree": "A degree"},
    }
    return {**document, **change}


def base(suite: str, key_type: str, document: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    issuer = did.SoftwareKey.from_seed(key_type, b"issuer who decides")
    return vc.issue(document or credential(issuer.did), issuer, cryptosuite=suite, **arguments)


@pytest.mark.parametrize(("suite", "key_type"), SUITES)
def test_whatever_the_holder_chooses_the_limits_are_shown(suite: str, key_type: str) -> None:
    secured = base(suite, key_type)
    limits = {name: value for name, value in secured.items() if name not in ("proof", "credentialSubject")}
    for chosen in ([], ["/credentialSubject/degree"], ["/issuer"], ["/id"]):
        derived = vc.derive(secured, selective_pointers=chosen)
        assert {name: value for name, value in derived.items() if name not in ("proof", "credentialSubject")} == limits
        assert derived["credentialSubject"]["id"] == HOLDER.did
        assert "alumniOf" not in derived["credentialSubject"]
        assert vc.verify(derived).verified


@pytest.mark.parametrize(("suite", "key_type"), SUITES)
@pytest.mark.parametrize("member", ["validUntil", "validFrom", "credentialStatus", "credentialSchema", "termsOfUse"])
def test_a_limit_that_is_cut_out_of_the_derived_document_breaks_its_proof(
    suite: str, key_type: str, member: str
) -> None:
    derived = vc.derive(base(suite, key_type))
    cut = copy.deepcopy(derived)
    del cut[member]
    assert not vc.verify(cut).verified


@pytest.mark.parametrize(("suite", "key_type"), SUITES)
def test_an_issuer_may_name_what_can_be_hidden(suite: str, key_type: str) -> None:
    secured = base(suite, key_type, hideable=["/validUntil", "/credentialStatus", "/credentialSubject/id"])
    derived = vc.derive(secured)
    assert derived.keys().isdisjoint({"validUntil", "credentialStatus", "credentialSubject"})
    assert "validFrom" in derived
    assert vc.verify(derived).verified


def test_what_is_hideable_has_to_name_something_that_would_be_shown() -> None:
    for wrong in (["/valid"], ["/credentialSubject/degree"], ["/credentialSubject"], ["/issuer", "/expirationDate"]):
        with pytest.raises(vc.ProblemError) as error:
            base("ecdsa-sd-2023", "P-256", hideable=wrong)
        assert [problem.code for problem in error.value.problems] == ["pointer.hideable"]
        assert wrong[-1] in str(error.value)


def test_what_is_mandatory_is_not_hideable() -> None:
    with pytest.raises(vc.ProblemError) as error:
        base("ecdsa-sd-2023", "P-256", mandatory_pointers=["/validUntil"], hideable=["/validUntil"])
    assert error.value.code == "pointer.hideable"


def test_a_text_or_a_word_is_no_list_of_pointers() -> None:
    for wrong in ("/validUntil", ["validUntil"]):
        with pytest.raises(vc.ProblemError) as error:
            base("ecdsa-sd-2023", "P-256", hideable=wrong)
        assert error.value.code == "pointer.form"


def test_a_suite_that_signs_the_whole_hides_nothing() -> None:
    issuer = did.generate("Ed25519")
    with pytest.raises(vc.ProblemError) as error:
        vc.issue(credential(issuer.did), issuer, hideable=["/validUntil"])
    assert error.value.code == "proof.generation"


def test_several_subjects_keep_their_ids() -> None:
    issuer = did.SoftwareKey.from_seed("P-256", b"issuer who decides")
    two = [{"id": HOLDER.did, "alumniOf": "A"}, {"id": "did:example:b", "alumniOf": "B"}, {"alumniOf": "nobody"}]
    secured = base("ecdsa-sd-2023", "P-256", credential(issuer.did, credentialSubject=two))
    derived = vc.derive(secured)
    assert derived["credentialSubject"] == [{"id": HOLDER.did}, {"id": "did:example:b"}]


def test_only_what_a_credential_has_is_pointed_at() -> None:
    document = {"issuer": "did:example:i", "evidence": [], "termsOfUse": None, "credentialSubject": {"degree": "x"}}  # type: ignore[var-annotated]
    assert limiting_pointers(document) == ["/issuer"]
    assert limiting_pointers({"credentialSubject": [None, {"id": "did:example:s"}]}) == ["/credentialSubject/1/id"]
    older = {"issuer": "x", "issuanceDate": "2020-01-01T00:00:00Z", "expirationDate": "2030-01-01T00:00:00Z"}
    assert limiting_pointers(older) == ["/issuer", "/issuanceDate", "/expirationDate"]


def test_a_proof_that_is_added_beside_another_keeps_the_limits_too() -> None:
    issuer = did.SoftwareKey.from_seed("P-256", b"issuer who decides")
    first = vc.issue(credential(issuer.did), issuer)
    both = add_proof(
        first,
        issuer,
        cryptosuite="ecdsa-sd-2023",
        config={"proofPurpose": "assertionMethod"},
        options=None,
        env=Environment(),
    )
    suite = CRYPTOSUITES["ecdsa-sd-2023"]
    assert discloses(suite)
    assert set(limiting_pointers(first)) <= set(suite.mandatory_pointers(both["proof"][1]))
    assert "validUntil" in vc.derive(both)


def test_many_are_issued_as_one_is() -> None:
    issuer = did.SoftwareKey.from_seed("P-256", b"issuer who decides")
    many = list(vc.issue_many([credential(issuer.did)] * 2, issuer, processes=1, cryptosuite="ecdsa-sd-2023"))
    assert all("validUntil" in vc.derive(one) for one in many if isinstance(one, dict))
    hidden = vc.issue_many(
        [credential(issuer.did)], issuer, processes=1, cryptosuite="ecdsa-sd-2023", hideable=["/validUntil"]
    )
    assert all("validUntil" not in vc.derive(one) for one in hidden if isinstance(one, dict))


def test_the_suite_itself_takes_the_pointers_as_they_are() -> None:
    """Published vectors state all of theirs."""
    issuer = did.SoftwareKey.from_seed("P-256", b"issuer who decides")
    document = credential(issuer.did)
    suite = CRYPTOSUITES["ecdsa-sd-2023"]
    config = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023", "proofPurpose": "assertionMethod"}
    proof = suite.create_proof(document, issuer, config, options={"mandatory_pointers": ["/issuer"]})
    assert discloses(suite)
    assert suite.mandatory_pointers(proof) == ["/issuer"]
