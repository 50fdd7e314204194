"""Envelopes are explained value by value: what was signed and hidden, hashes, keys and why they were allowed."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

import vc
from vc.explanation import first_difference

NAME, SUBJECT = "/credentialSubject/fullName", "/credentialSubject"


def digest(text: str) -> str:
    """RFC 9901 section 4.2.3, by other means than the library's."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def at(values: Any, pointer: str) -> Any:
    for token in pointer[1:].split("/"):
        values = values[int(token)] if isinstance(values, list) else values[token]
    return values


@pytest.fixture
def shown(world: Any) -> str:
    """An SD-JWT whose subject is hidden and, inside of it, the name; shown with a key binding."""
    device = world.key("device")
    secured = vc.issue_enveloped(
        world.credential(),
        world.key("issuer"),
        envelope="vc+sd-jwt",
        disclosable=[SUBJECT, NAME],
        holder_key=device.public_key,
    )
    return vc.derive_enveloped(secured, [NAME], signer=device, challenge="n-1", domain="hotel", now=world.now)  # type: ignore[arg-type]


def explained(world: Any, document: Any, **expected: Any) -> dict[str, Any]:
    result = vc.explain(document, now=world.now, **expected)
    json.dumps(result)
    return result


@pytest.mark.parametrize("form", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
def test_header_payload_and_signing_input_are_those_that_were_signed(world: Any, form: str) -> None:
    issuer = world.key("issuer")
    secured = vc.issue_enveloped(world.credential(), issuer, envelope=form)
    (values,) = explained(world, secured)["proofs"]
    assert (values["pointer"], values["envelope"]) == ("", form)
    assert values["payload"] == world.credential()
    assert values["header"]["kid"] == issuer.verification_method
    signing_input = bytes.fromhex(values["signingInput"])
    assert hashlib.sha256(signing_input).hexdigest() == values["signingInputHash"]
    assert issuer.public_key.verify(bytes.fromhex(values["signature"]), signing_input)
    assert values["verificationMethod"]["id"] == issuer.verification_method
    assert values["verificationMethod"]["allowedBecause"] == f"{issuer.did} lists it under assertionMethod"


def test_an_ed25519_key_signs_the_input_itself(world: Any) -> None:
    issuer = world.key("issuer", "Ed25519")
    (values,) = explained(world, vc.issue_enveloped(world.credential(issuer), issuer))["proofs"]
    assert "signingInputHash" not in values


def test_each_disclosure_has_its_digest_and_both_places(world: Any, shown: str) -> None:
    (values,) = explained(world, shown, challenge="n-1", domain="hotel")["proofs"]
    by_name = {entry["name"]: entry for entry in values["disclosures"]}
    assert by_name["fullName"]["pointer"] == NAME
    assert by_name["credentialSubject"]["pointer"] == SUBJECT
    assert by_name["credentialSubject"]["digestAt"].startswith("/payload/_sd/")
    # The name's digest stands in the disclosure of the subject.
    assert by_name["fullName"]["digestAt"].startswith("/disclosures/")
    for entry in values["disclosures"]:
        assert entry["digest"] == digest(entry["disclosure"]) == at(values, entry["digestAt"])
        assert entry["value"] is not None
        assert len(base64.urlsafe_b64decode(entry["salt"] + "==")) == 16
    assert values["claims"]["credentialSubject"]["fullName"] == by_name["fullName"]["value"]
    assert "credentialSubject" not in values["payload"]
    assert values["digestAlgorithm"] == "sha-256"
    assert values["undisclosed"] == 0


def test_the_key_binding_has_the_expected_hash_beside_the_one_found(world: Any, shown: str) -> None:
    (values,) = explained(world, shown)["proofs"]
    binding, without = values["keyBinding"], shown[: shown.rindex("~") + 1]
    assert binding["sdHash"] == binding["expectedSdHash"] == digest(without)
    assert binding["payload"]["nonce"] == "n-1"
    assert binding["verificationMethod"]["publicKeyMultibase"] == world.key("device").public_key.to_multikey()

    # A disclosure less: the hash found is the old one.
    issuer_signed, *texts, kb = shown.split("~")
    subject = next(text for text in texts if b"credentialSubject" in base64.urlsafe_b64decode(text + "=="))
    (values,) = explained(world, "~".join((issuer_signed, subject, kb)))["proofs"]
    assert values["keyBinding"]["sdHash"] == digest(without)
    assert values["keyBinding"]["expectedSdHash"] == digest(f"{issuer_signed}~{subject}~")


def test_a_disclosure_that_was_changed_is_shown_with_the_digest_that_nothing_has(world: Any, shown: str) -> None:
    issuer_signed, first, *rest = shown.split("~")
    changed = base64.urlsafe_b64encode(b'["salt", "fullName", "Mallory"]').decode().rstrip("=")
    result = explained(world, "~".join((issuer_signed, changed, *rest[:-1], "")))
    (values,) = result["proofs"]
    assert values["disclosures"][0]["value"] == "Mallory"
    assert values["disclosures"][0]["digest"] == digest(changed)
    assert values["disclosures"][0]["digestAt"] is None
    assert values["problems"][0]["code"] == "sd_jwt.disclosure"
    assert not result["verdict"]["verified"]
    assert first not in json.dumps(values["disclosures"][0])


@pytest.mark.parametrize("bad", ["?", "bm8", base64.urlsafe_b64encode(b'["s", "_sd", 1]').decode().rstrip("="), "é"])
def test_what_is_no_disclosure_is_named_among_those_that_are(world: Any, shown: str, bad: str) -> None:
    issuer_signed, first, *_ = shown.split("~")
    (values,) = explained(world, f"{issuer_signed}~{first}~{bad}~")["proofs"]
    assert "problem" not in values["disclosures"][0]
    assert values["disclosures"][1]["problem"]["code"] in ("envelope.form", "sd_jwt.disclosure", "parse.json")


def test_a_key_that_is_not_found_is_a_problem_among_the_values(world: Any) -> None:
    issuer = world.key("issuer").with_controller("did:web:nobody.example", "did:web:nobody.example#key")
    secured = vc.issue_enveloped(world.credential(issuer), issuer)
    (values,) = explained(world, secured)["proofs"]
    assert values["payload"]["issuer"]["id"] == "did:web:nobody.example"
    assert values["verificationMethod"]["problem"]["code"] in ("method.invalid", "method.unavailable")


@pytest.mark.parametrize("form", ["vp+jwt", "vp+sd-jwt", "vp+cose"])
def test_every_credential_of_a_presentation_is_explained(world: Any, form: str) -> None:
    issuer, device = world.key("issuer"), world.key("device")
    credentials = [vc.issue_enveloped(world.credential(), issuer, envelope=name) for name in ("vc+jwt", "vc+cose")]
    credentials.append(vc.issue(world.credential(), issuer))  # type: ignore[arg-type]
    shown = vc.present_enveloped(credentials, device, envelope=form, challenge="c", domain="d", now=world.now)
    result = explained(world, shown, challenge="c", domain="d")
    assert result["verdict"]["verified"]
    assert [values["pointer"] for values in result["proofs"]] == [
        "",
        "/verifiableCredential/0",
        "/verifiableCredential/1",
        "/verifiableCredential/2/proof",
    ]
    assert result["proofs"][0]["verificationMethod"]["allowedBecause"].endswith("lists it under authentication")
    assert "canonDoc" in result["proofs"][3]


def test_an_enveloped_credential_in_a_presentation_with_a_proof_is_explained(world: Any) -> None:
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"))
    shown = vc.present([secured], world.key("device"), challenge="c", domain="d", now=world.now)
    result = explained(world, shown, challenge="c", domain="d")
    assert [values["pointer"] for values in result["proofs"]] == ["/proof", "/verifiableCredential/0"]
    shown["verifiableCredential"][0]["id"] = "data:application/vc+jwt,nothing"
    assert explained(world, shown)["proofs"][-1]["problems"][0]["code"] == "parse.form"


@pytest.mark.parametrize(
    "value", ["", "x", "a.b", "a.b.c", "~", "a.b.c~~", "e30.e30.AA", b"\xd2\x84", b"\xff\xfe", "null"]
)
def test_what_is_no_envelope_is_refused_or_explained_and_nothing_else(world: Any, value: Any) -> None:
    try:
        result = explained(world, value)
    except vc.ProblemError:
        return
    assert not result["verdict"]["verified"]


@pytest.mark.parametrize(
    "document",
    [
        {"payload": 7, "signature": None},
        {"type": "EnvelopedVerifiableCredential"},
        {"type": "EnvelopedVerifiableCredential", "id": 7},
        {"type": "VerifiablePresentation", "verifiableCredential": [{"type": "EnvelopedVerifiableCredential"}] * 100},
        {"type": "VerifiablePresentation", "verifiableCredential": {"type": ["EnvelopedVerifiableCredential"]}},
    ],
)
def test_json_that_holds_no_envelope_is_explained_all_the_same(world: Any, document: Any) -> None:
    assert not explained(world, document)["verdict"]["verified"]


class TestDifferences:
    def test_a_claim_that_differs_comes_before_salts_and_digests(self, world: Any) -> None:
        issuer, other = world.key("issuer"), world.credential()
        other["credentialSubject"]["fullName"] = "Another"
        ours, theirs = (
            explained(world, vc.issue_enveloped(item, issuer, envelope="vc+sd-jwt", disclosable=[NAME]))
            for item in (world.credential(), other)
        )
        found = first_difference(ours, theirs)
        assert found is not None
        assert (found.name, found.place, found.theirs) == ("claims", NAME, "Another")

    def test_the_same_claims_with_other_salts_differ_in_their_digests(self, world: Any) -> None:
        issuer = world.key("issuer")
        ours, theirs = (
            explained(world, vc.issue_enveloped(world.credential(), issuer, envelope="vc+sd-jwt", disclosable=[NAME]))
            for _ in range(2)
        )
        found = first_difference(ours, theirs)
        assert found is not None
        assert (found.name, found.place) == ("payload", "/credentialSubject/_sd/0")

    def test_an_envelope_does_not_differ_from_itself_as_an_object(self, world: Any) -> None:
        from vc.envelope import as_document

        secured = vc.issue_enveloped(world.credential(), world.key("issuer"))
        assert first_difference(explained(world, secured), explained(world, as_document(secured))) is None

    def test_two_signatures_of_the_same_input_differ_last(self, world: Any) -> None:
        secured = str(vc.issue_enveloped(world.credential(), world.key("issuer")))
        head, _, signature = secured.rpartition(".")
        swapped = "A" if signature[0] != "A" else "B"
        found = first_difference(explained(world, secured), explained(world, f"{head}.{swapped}{signature[1:]}"))
        assert found is not None
        assert found.name == "signature"
