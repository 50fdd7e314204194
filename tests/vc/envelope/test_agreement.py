"""One rule after the other of what an envelope may say in two places, and what its holder may not hide."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import pytest

import vc
from vc.envelope import EnvelopeProfile, cose, disclosures, jws, sd_jwt, type_metadata
from vc.problems import ProblemError
from vc.verdict import Verdict

VCT = "https://example.org/types/person"


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def signed(world: Any, form: str, payload: dict[str, Any], key: str = "issuer", **header: Any) -> str:
    signer = world.key(key)
    token = jws.compact({"typ": form, "kid": signer.verification_method, **header}, jws.dumps(payload), signer)
    return token + "~" if "sd-jwt" in form else token


def hidden(world: Any, form: str, payload: dict[str, Any], *entries: list[Any]) -> str:
    """``payload`` with each entry hidden at its top, and shown."""
    texts = [jws.encode_base64url(jws.dumps(entry)) for entry in entries]
    token = signed(world, form, {**payload, "_sd": disclosures.digests_of(texts)})
    return token + "".join(text + "~" for text in texts)


def element(*salted: Any) -> tuple[dict[str, str], str]:
    text = jws.encode_base64url(jws.dumps(list(salted)))
    return {"...": disclosures.digest_of(text)}, text


# --- key bindings -----------------------------------------------------------------------------------------------------


def bound(world: Any, header: dict[str, Any], **claims: Any) -> Verdict:
    issued = {"vct": VCT, "iss": world.key("issuer").did, "cnf": {"jwk": world.key("device").public_key.to_jwk()}}
    text = signed(world, "dc+sd-jwt", issued)
    answer = {"iat": int(world.now.timestamp()), "aud": "hotel", "nonce": "n", "sd_hash": disclosures.digest_of(text)}
    binding = jws.compact({"typ": "kb+jwt", **header}, jws.dumps({**answer, **claims}), world.key("device"))
    return vc.verify(text + binding, challenge="n", domain="hotel", now=world.now)


def test_a_key_binding_ends_and_begins_when_it_says(world: Any) -> None:
    at = int(world.now.timestamp())
    assert bound(world, {}, exp=at + 60, nbf=at - 60).verified
    assert codes(bound(world, {}, exp=at - 1)) == {"proof.expired"}
    assert codes(bound(world, {}, nbf=at + 3600)) == {"proof.created"}
    for wrong in ({"exp": "later"}, {"nbf": None}, {"exp": True}):
        assert codes(bound(world, {}, **wrong)) == {"sd_jwt.binding"}


def test_the_key_in_the_header_of_a_key_binding_is_the_holders(world: Any) -> None:
    assert bound(world, {"jwk": world.key("device").public_key.to_jwk()}).verified
    for jwk in (world.key("stranger").public_key.to_jwk(), {}, "x"):  # type: ignore[var-annotated]
        assert codes(bound(world, {"jwk": jwk})) == {"sd_jwt.binding"}


def test_the_general_function_judges_the_period_of_a_key_binding_too(world: Any) -> None:
    device = world.key("device")
    text = signed(world, "dc+sd-jwt", {"vct": VCT, "cnf": {"jwk": device.public_key.to_jwk()}})
    at = int(world.now.timestamp())
    good = {"iat": at, "aud": "a", "nonce": "n", "sd_hash": disclosures.digest_of(text)}
    for claims, code in (({"exp": at - 1}, "proof.expired"), ({"nbf": at + 3600}, "proof.created")):
        binding = jws.compact({"typ": "kb+jwt"}, jws.dumps({**good, **claims}), device)
        with pytest.raises(ProblemError) as refused:
            sd_jwt.verify(text + binding, world.key("issuer").public_key, nonce="n", audience="a", now=world.now)
        assert refused.value.code == code


def test_a_presentation_does_not_answer_twice(world: Any) -> None:
    device = world.key("device")
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": device.did,
        "iat": int(world.now.timestamp()),
        "nonce": "other",
        "aud": "other",
        "cnf": {"jwk": device.public_key.to_jwk()},
    }
    text = signed(world, "vp+sd-jwt", payload, key="device")
    bound_twice = sd_jwt.bind(sd_jwt.parse(text), device, nonce="n", audience="d", now=world.now)
    assert codes(vc.verify(bound_twice, challenge="n", domain="d", now=world.now)) >= {"sd_jwt.binding"}
    assert vc.verify(text, challenge="other", domain="other", now=world.now).verified


# --- what is never hidden ---------------------------------------------------------------------------------------------


def test_an_entry_of_the_status_is_not_hidden(world: Any) -> None:
    """Of two statuses, the holder could leave out the one that ends the credential."""
    digest, text = element("salt", {"id": "urn:uuid:1", "type": "Example", "statusPurpose": "revocation"})
    shown = {"id": "urn:uuid:2", "type": "Example", "statusPurpose": "message"}
    token = signed(world, "vc+sd-jwt", world.credential(credentialStatus=[shown, digest]))
    for value in (token, token + text + "~"):
        problems = vc.verify(value, now=world.now).problems
        assert [(p.code, p.pointer) for p in problems] == [("envelope.claims", "/credentialStatus")]


def test_a_context_is_not_hidden(world: Any) -> None:
    digest, _ = element("salt", "https://www.w3.org/ns/credentials/examples/v2")
    contexts = ["https://www.w3.org/ns/credentials/v2", digest]
    token = signed(world, "vc+sd-jwt", world.credential(**{"@context": contexts}))
    assert "/@context" in {problem.pointer for problem in vc.verify(token, now=world.now).problems}


@pytest.mark.parametrize("member", ["cnf", "status", "credentialStatus"])
def test_no_part_of_a_binding_or_status_is_hidden(world: Any, member: str) -> None:
    payload = {"vct": VCT, "iss": world.key("issuer").did, member: {"_sd": [disclosures.digest_of("x")]}}
    problems = vc.verify(signed(world, "dc+sd-jwt", payload), now=world.now).problems
    assert ("envelope.claims", "/" + member) in {(p.code, p.pointer) for p in problems}


@pytest.mark.parametrize("name", ["_sd_alg", "_sd", "..."])
def test_a_reserved_name_is_not_disclosed(world: Any, name: str) -> None:
    payload = {"vct": VCT, "iss": world.key("issuer").did}
    assert codes(vc.verify(hidden(world, "dc+sd-jwt", payload, ["s", name, "sha-256"]))) == {"sd_jwt.disclosure"}
    with pytest.raises(ProblemError):
        vc.issue_enveloped({"vct": VCT, "a": {name: "x"}}, world.key("issuer"), envelope="dc+sd-jwt")


def test_other_members_may_be_hidden(world: Any) -> None:
    payload = {"vct": VCT, "iss": world.key("issuer").did}
    shown = hidden(world, "dc+sd-jwt", payload, ["s", "sub", "did:example:1"], ["s", "iat", 1], ["s", "evidence", []])
    assert vc.verify(shown, now=world.now).verified


# --- claims and members -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "good"),
    [
        ({"id": "DEVICE"}, True),
        ([{"id": "DEVICE"}], True),
        ({"name": "x"}, False),
        ([{"id": "DEVICE"}, {"id": "did:example:2"}], False),
        ([{"name": "x"}], False),
    ],
)
def test_sub_is_the_one_subject(world: Any, subject: Any, good: bool) -> None:
    named = json.loads(json.dumps(subject).replace("DEVICE", world.key("device").did))
    payload = {**world.credential(credentialSubject=named), "sub": world.key("device").did}
    assert vc.verify(signed(world, "vc+jwt", payload), now=world.now).verified == good


@pytest.mark.parametrize(
    ("claims", "good"),
    [
        ({"validUntil": "2033-05-18T03:33:20Z", "exp": 2_000_000_000}, True),
        ({"validUntil": "2033-05-18T11:33:20.5+08:00", "exp": 2_000_000_000.25}, True),
        ({"validUntil": "2033-05-18T03:33:21Z", "exp": 2_000_000_000}, False),
        ({"validUntil": "2033-05-18T03:33:20Z"}, False),
        ({"validUntil": 2_000_000_000, "exp": 2_000_000_000}, False),
        ({"validFrom": "2023-11-14T22:13:20Z", "nbf": 1_700_000_000}, True),
        ({"issuanceDate": "2023-11-14T22:13:20Z"}, False),
        ({"jti": "urn:uuid:1", "id": "urn:uuid:2"}, False),
        ({"jti": "urn:uuid:1", "id": "510199200001010000"}, True),
        ({"vc": {}}, False),
        ({"@context": []}, False),
        ({"proof": {}}, False),
        ({"status": {"status_list": {"idx": 1, "uri": "https://s.example/1"}}}, True),
        ({"status": {"status_list": {"idx": 1, "uri": "https://s.example/1"}}, "credentialStatus": {}}, False),
    ],
    ids=str,
)
def test_an_sd_jwt_vc_says_by_its_claims_what_it_says(world: Any, claims: dict[str, Any], good: bool) -> None:
    payload = {"vct": VCT, "iss": world.key("issuer").did, **claims}
    assert vc.verify(signed(world, "dc+sd-jwt", payload), now=world.now).verified == good


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ({}, True),
        ({"kid": "a-name"}, True),
        ({"kid": "did:example:1#a"}, False),
        ({"x5c": ["AA"]}, False),
        ({"jkt": "AA"}, False),
    ],
    ids=str,
)
def test_a_confirmation_names_one_key(world: Any, more: dict[str, Any], good: bool) -> None:
    confirmation = {"jwk": world.key("device").public_key.to_jwk(), **more}
    payload = {"vct": VCT, "iss": world.key("issuer").did, "cnf": confirmation}
    assert vc.verify(signed(world, "dc+sd-jwt", payload), now=world.now).verified == good


def test_a_subject_that_is_a_key_is_the_key_that_is_bound_to(world: Any) -> None:
    for who, good in (("device", True), ("stranger", False)):
        confirmation = {"jwk": world.key(who).public_key.to_jwk()}
        document = {**world.credential(), "cnf": confirmation}
        assert vc.verify(signed(world, "vc+jwt", document), now=world.now).verified == good
        claims = {"vct": VCT, "iss": world.key("issuer").did, "sub": world.key("device").did, "cnf": confirmation}
        assert vc.verify(signed(world, "dc+sd-jwt", claims), now=world.now).verified == good


def test_a_credential_for_one_audience_is_refused_by_another(world: Any) -> None:
    token = signed(world, "vc+jwt", {**world.credential(), "aud": ["hotel"]})
    assert vc.verify(token, now=world.now, domain="hotel").verified
    assert codes(vc.verify(token, now=world.now, domain="bar")) == {"proof.domain"}
    unasked = vc.verify(token, now=world.now)
    assert {warning.code for warning in unasked.warnings} == {"warning.domain"}


@pytest.mark.parametrize(("claim", "value"), [("iss", None), ("exp", 4_000_000_000), ("aud", "hotel")])
def test_claims_in_the_header_are_those_of_the_payload(world: Any, claim: str, value: Any) -> None:
    value = world.key("issuer").did if claim == "iss" else value
    document = world.credential()
    same = signed(world, "vc+jwt", {**document, claim: value}, **{claim: value})
    assert vc.verify(same, now=world.now).verified
    only = vc.verify(signed(world, "vc+jwt", document, **{claim: value}), now=world.now)
    assert only.verified == (claim == "iss")  # It is who the issuer is, in any case.


def test_claims_in_the_header_of_cose_are_those_of_the_payload(world: Any) -> None:
    issuer = world.key("issuer")
    for claims, good in (({1: issuer.did}, True), ({1: "did:example:1"}, False), ({4: 1}, False), ({8: {}}, False)):
        header = {
            cose.TYP: "application/vc+cose",
            cose.KID: issuer.verification_method.encode(),
            cose.CWT_CLAIMS: claims,
        }
        secured = cose.sign(header, jws.dumps(world.credential()), issuer)
        assert vc.verify(secured, now=world.now).verified == good


@pytest.mark.parametrize("label", [1.0, True, b"x", None])
def test_labels_of_cose_headers_are_integers_and_texts(world: Any, label: Any) -> None:
    issuer = world.key("issuer")
    header = {label: -7, cose.TYP: "application/vc+cose", cose.KID: issuer.verification_method.encode()}
    protected, payload = cbor2.dumps(header), jws.dumps(world.credential())
    signature = issuer.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    for parts in (
        [protected, {}, payload, signature],
        [cbor2.dumps({**header, 1: -7}), {label: 1}, payload, signature],
    ):
        assert not vc.verify(cbor2.dumps(cbor2.CBORTag(18, parts)), now=world.now).verified


# --- what costs -------------------------------------------------------------------------------------------------------


def test_the_paths_of_a_type_take_a_limited_number_of_steps(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type_metadata, "_MAX_VISITS", 100)
    payload = {"vct": VCT, "iss": world.key("issuer").did, "list": [[[1] * 3] * 3] * 3}
    for count, good in ((1, True), (5, False)):
        rules = [{"path": ["list", None, None, None]}] * count
        profile = EnvelopeProfile(type_metadata={VCT: json.dumps({"vct": VCT, "claims": rules}).encode()})
        verdict = vc.verify(signed(world, "dc+sd-jwt", payload), now=world.now, envelopes=profile)
        assert verdict.verified == good
        assert codes(verdict) == (set() if good else {"type_metadata.form"})


def test_a_lie_about_the_length_of_cose_is_told_before_it_is_decoded() -> None:
    for data in (b"\xd2\x84\x5b" + b"\xff" * 8, b"\xd2\x84\xc4\x82\x01\xc2\x59\xff\xff" + b"\xff" * 65_535):
        assert codes(vc.verify(data)) == {"envelope.form"}
    assert codes(vc.verify(b"\xd2\x84" + b"\x81" * 100)) == {"parse.limit"}
