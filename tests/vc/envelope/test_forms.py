"""Every form of envelope: made, verified by the one pipeline, compared with an independent implementation."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from jwcrypto import jwk as jose_jwk
from jwcrypto import jws as jose_jws

import did
import vc
from vc.envelope import EnvelopeProfile, cose, disclosures, is_envelope, jws, sd_jwt
from vc.envelope.issuing import as_document
from vc.envelope.payload import enveloped_object
from vc.problems import ProblemError
from vc.verdict import Outcome, Verdict

KEY_TYPES = ["P-256", "P-384", "P-521", "Ed25519"]
CREDENTIAL_FORMS = ["vc+jwt", "vc+sd-jwt", "vc+cose"]
PRESENTATION_FORMS = ["vp+jwt", "vp+sd-jwt", "vp+cose"]


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def outcome(verdict: Verdict, name: str) -> Outcome:
    return next(check.outcome for check in verdict.checks if check.name == name)


def jwt(world: Any, payload: dict[str, Any], header: dict[str, Any], key: did.SoftwareKey | None = None) -> str:
    key = key or world.key("issuer")
    return jws.compact({"kid": key.verification_method, **header}, jws.dumps(payload), key)


# --- round trips -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", CREDENTIAL_FORMS)
@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_a_credential_in_any_form_verifies(world: Any, form: str, key_type: str) -> None:
    issuer = world.key("issuer", key_type)
    secured = vc.issue_enveloped(world.credential(issuer), issuer, envelope=form)
    verdict = vc.verify(secured, now=world.now)
    assert verdict.verified, verdict.problems
    assert verdict.document == world.credential(issuer)
    for name in ("proof", "issuer", "verification_method", "proof_purpose", "data_model", "context", "validity_period"):
        assert outcome(verdict, name) is Outcome.PASSED


@pytest.mark.parametrize("form", CREDENTIAL_FORMS)
def test_an_envelope_verifies_as_an_object_too(world: Any, form: str) -> None:
    issuer = world.key("issuer")
    wrapped = as_document(vc.issue_enveloped(world.credential(issuer), issuer, envelope=form))
    assert wrapped["type"] == "EnvelopedVerifiableCredential"
    for given in (wrapped, json.dumps(wrapped), json.dumps(wrapped).encode()):
        assert vc.verify(given, now=world.now).verified


@pytest.mark.parametrize("form", CREDENTIAL_FORMS)
def test_text_and_bytes_are_told_apart(world: Any, form: str) -> None:
    issuer = world.key("issuer")
    secured = vc.issue_enveloped(world.credential(issuer), issuer, envelope=form)
    if isinstance(secured, bytes):
        given = [secured, bytearray(secured), base64.b64encode(secured).decode(), base64.urlsafe_b64encode(secured)]
        given.append(base64.b64encode(secured).decode().rstrip("="))
    else:
        given = [secured, secured.encode(), bytearray(secured.encode()), secured + "\n"]
    for value in given:
        assert is_envelope(value)
        assert vc.verify(value, now=world.now).verified  # type: ignore[arg-type]


@pytest.mark.parametrize("form", PRESENTATION_FORMS)
def test_a_presentation_holds_credentials_of_every_form(world: Any, form: str) -> None:
    issuer, device = world.key("issuer"), world.key("device")
    credentials: list[Any] = [
        vc.issue_enveloped(world.credential(), issuer, envelope=name) for name in CREDENTIAL_FORMS
    ]
    credentials.append(vc.issue(world.credential(), issuer))
    shown = vc.present_enveloped(
        credentials, device, envelope=form, challenge="c-1", domain="hotel", now=world.now, expires_in=300
    )
    verdict = vc.verify(shown, challenge="c-1", domain="hotel", now=world.now)
    assert verdict.verified, verdict.problems
    assert outcome(verdict, "holder_binding") is Outcome.PASSED
    assert verdict.document is not None
    subjects = [item["credentialSubject"]["fullName"] for item in verdict.document["verifiableCredential"]]
    assert subjects == ["王小明"] * 4


def test_a_presentation_with_a_proof_holds_envelopes(world: Any) -> None:
    issuer, device = world.key("issuer"), world.key("device")
    credentials = [vc.issue_enveloped(world.credential(), issuer, envelope=name) for name in CREDENTIAL_FORMS]
    shown = vc.present(credentials, device, challenge="c-1", domain="hotel", now=world.now)
    verdict = vc.verify(shown, challenge="c-1", domain="hotel", now=world.now)
    assert verdict.verified, verdict.problems


def test_a_cose_credential_is_put_into_a_presentation_from_bytes_and_from_text(world: Any) -> None:
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"), envelope="vc+cose")
    assert isinstance(secured, bytes)
    text = base64.b64encode(secured).decode()
    assert (
        as_document(secured) == as_document(text) == as_document(text.rstrip("=") + "\n") == as_document(text.encode())
    )
    shown = vc.present_enveloped(text, world.key("device"), now=world.now)
    assert vc.verify(shown, now=world.now).verified


async def test_the_asynchronous_twin_gives_the_same_verdict(world: Any) -> None:
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"))
    assert await vc.verify_async(secured, now=world.now) == vc.verify(secured, now=world.now)


# --- an independent implementation agrees ----------------------------------------------------------------------------


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_jwcrypto_verifies_what_we_sign(world: Any, key_type: str) -> None:
    issuer = world.key("issuer", key_type)
    secured = vc.issue_enveloped(world.credential(issuer), issuer)
    token = jose_jws.JWS()
    token.deserialize(secured, jose_jwk.JWK(**issuer.public_key.to_jwk()))
    assert json.loads(token.payload) == world.credential(issuer)
    assert token.jose_header["typ"] == "vc+jwt"


@pytest.mark.parametrize(
    ("kind", "options", "alg"),
    [("EC", {"crv": "P-256"}, "ES256"), ("EC", {"crv": "P-384"}, "ES384"), ("OKP", {"crv": "Ed25519"}, "EdDSA")],
)
def test_we_verify_what_jwcrypto_signs(world: Any, kind: str, options: dict[str, str], alg: str) -> None:
    key = jose_jwk.JWK.generate(kty=kind, **options)
    ours = did.SoftwareKey.from_jwk(key.export_private(as_dict=True))
    token = jose_jws.JWS(json.dumps(world.credential(ours)))
    token.add_signature(key, None, json.dumps({"alg": alg, "typ": "vc+jwt", "kid": ours.verification_method}))
    assert vc.verify(token.serialize(compact=True), now=world.now).verified


def test_the_cose_form_is_a_tagged_sign1_with_both_types_protected(world: Any) -> None:
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"), envelope="vc+cose")
    assert isinstance(secured, bytes)
    decoded = cbor2.loads(secured)
    assert decoded.tag == 18
    header = cbor2.loads(decoded.value[0])
    assert (header[1], header[3], header[16]) == (-7, "application/vc", "application/vc+cose")
    to_be_signed = cbor2.dumps(["Signature1", decoded.value[0], b"", decoded.value[2]])
    assert world.key("issuer").public_key.verify(decoded.value[3], to_be_signed)


# --- the algorithm is the key's --------------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 7, "HS256", "ES384", "EdDSA", "ES256K", ["ES256"]])
def test_a_header_cannot_choose_the_algorithm(world: Any, alg: Any) -> None:
    token = jwt(world, world.credential(), {"typ": "vc+jwt", "alg": alg})
    verdict = vc.verify(token, now=world.now)
    assert not verdict.verified
    assert codes(verdict) <= {"envelope.algorithm"}


def test_a_key_in_the_header_is_never_used(world: Any) -> None:
    stranger = world.key("stranger")
    header = {"typ": "vc+jwt", "jwk": stranger.public_key.to_jwk(), "kid": world.key("issuer").verification_method}
    token = jwt(world, world.credential(), header, stranger)
    assert codes(vc.verify(token, now=world.now)) == {"envelope.header"}
    header["jwk"] = world.key("issuer").public_key.to_jwk()
    assert codes(vc.verify(jwt(world, world.credential(), header, stranger), now=world.now)) == {"proof.signature"}
    assert vc.verify(jwt(world, world.credential(), header), now=world.now).verified


def test_another_ones_key_does_not_speak_for_the_issuer(world: Any) -> None:
    token = jwt(world, world.credential(), {"typ": "vc+jwt"}, world.key("stranger"))
    assert codes(vc.verify(token, now=world.now)) == {"issuer.controller"}


@pytest.mark.parametrize("extra", [{"crit": ["exp"]}, {"b64": False}, {"crit": []}])
def test_extensions_are_refused(world: Any, extra: dict[str, Any]) -> None:
    token = jwt(world, world.credential(), {"typ": "vc+jwt", **extra})
    assert codes(vc.verify(token, now=world.now)) == {"envelope.header"}


# --- types -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"typ": 5},
        *({"typ": name} for name in ("JWT", "vc", "vp+jwt", "bad+typ", "vc+sd-jwt", "vc+cose", "dc+sd-jwt", "kb+jwt")),
        *({"typ": name} for name in ("statuslist+jwt", "application/vc", "")),
        {"typ": "vc+jwt", "cty": "vp"},
        {"typ": "vc+jwt", "cty": 1},
    ],
    ids=str,
)
def test_a_wrong_type_is_refused(world: Any, header: dict[str, Any]) -> None:
    verdict = vc.verify(jwt(world, world.credential(), header), now=world.now)
    assert not verdict.verified


@pytest.mark.parametrize("typ", ["vc+jwt", "application/vc+jwt", "VC+JWT"])
def test_a_type_may_be_written_in_each_way_of_rfc_7515(world: Any, typ: str) -> None:
    assert vc.verify(jwt(world, world.credential(), {"typ": typ, "cty": "application/vc"}), now=world.now).verified


def test_a_data_url_and_its_envelope_name_the_same_type(world: Any) -> None:
    token = vc.issue_enveloped(world.credential(), world.key("issuer"))
    assert isinstance(token, str)
    for media_type in (
        "application/vp+jwt",
        "application/vc+sd-jwt",
        "application/jwt",
        "text/plain",
        "application/vc",
    ):
        assert not vc.verify(enveloped_object(token, media_type), now=world.now).verified
    wrong = {**enveloped_object(token, "application/vc+jwt"), "type": "EnvelopedVerifiablePresentation"}
    assert codes(vc.verify(wrong, now=world.now)) == {"model.envelope"}


@pytest.mark.parametrize(
    "change",
    [
        {"@context": []},
        {"@context": "https://www.w3.org/ns/credentials/examples/v2"},
        {"type": "VerifiableCredential"},
        {"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]},
        {"id": "bad-credential"},
        {"id": None},
        {"id": "data:application/vc+jwt"},
        {"id": "data:application/vc+jwt,"},
        {"id": "data:,x"},
    ],
    ids=str,
)
def test_a_wrong_wrapper_is_refused(world: Any, change: dict[str, Any]) -> None:
    wrapped = as_document(vc.issue_enveloped(world.credential(), world.key("issuer")))
    assert not vc.verify({**wrapped, **change}, now=world.now).verified


# --- claims ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "did:example:other"},
        {"iss": 5},
        {"jti": "urn:uuid:other"},
        {"sub": "did:example:other"},
        {"iat": "2026-01-01T00:00:00Z"},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 10**15},
        {"nbf": None},
        {"aud": 5},
        {"aud": []},
        {"nonce": 5},
        {"cnf": "key"},
        {"vc": {}},
        {"vp": "no"},
        {"proof": {"type": "DataIntegrityProof"}},
        {"exp": 1_700_000_000},
        {"nbf": 4_000_000_000},
        {"undefined term with spaces in it": 1},
    ],
    ids=lambda claims: str(claims)[:50],
)
def test_claims_that_contradict_are_refused(world: Any, claims: dict[str, Any]) -> None:
    verdict = vc.verify(jwt(world, {**world.credential(), **claims}, {"typ": "vc+jwt"}), now=world.now)
    # examples/v2 gives any term a meaning: only the last case may pass for what it is.
    assert not verdict.verified or "undefined term with spaces in it" in claims


def test_claims_that_agree_are_accepted(world: Any) -> None:
    document = world.credential()
    agreeing = {
        "iss": document["issuer"]["id"],
        "jti": document["id"],
        "sub": document["credentialSubject"]["id"],
        "iat": 1_700_000_000,
        "nbf": 1_700_000_000.5,
        "exp": 4_000_000_000,
    }
    verdict = vc.verify(jwt(world, {**document, **agreeing}, {"typ": "vc+jwt"}), now=world.now)
    assert verdict.verified, verdict.problems
    assert verdict.document == document


def test_an_undefined_term_is_refused_as_under_a_proof(world: Any) -> None:
    document = world.credential(**{"@context": ["https://www.w3.org/ns/credentials/v2"]})
    assert codes(vc.verify(jwt(world, document, {"typ": "vc+jwt"}), now=world.now)) == {"jsonld.undefined_term"}
    with pytest.raises(ProblemError):
        vc.issue_enveloped(document, world.key("issuer"))


def test_contexts_in_the_document_are_looked_at_everywhere(world: Any) -> None:
    document = world.credential()
    document["credentialSubject"]["address"]["@context"] = {"city": "https://example.org/other"}
    assert "context.inline" in codes(vc.verify(jwt(world, document, {"typ": "vc+jwt"}), now=world.now))


def test_the_validity_period_is_asked_of_envelopes(world: Any) -> None:
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"), envelope="vc+cose")
    assert codes(vc.verify(secured, now=world.now + timedelta(days=20 * 366))) == {"period.over"}
    ended = vc.issue_enveloped(world.credential(), world.key("issuer"), expires=world.now)
    assert codes(vc.verify(ended, now=world.now + timedelta(seconds=1))) == {"proof.expired"}


# --- presentations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", PRESENTATION_FORMS)
def test_nonce_and_audience_are_compared(world: Any, form: str) -> None:
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"))
    shown = vc.present_enveloped(secured, world.key("device"), envelope=form, challenge="c", domain="d", now=world.now)
    assert codes(vc.verify(shown, challenge="x", domain="d", now=world.now)) == {"proof.challenge"}
    assert codes(vc.verify(shown, challenge="c", domain="x", now=world.now)) == {"proof.domain"}
    unanswered = vc.present_enveloped(secured, world.key("device"), envelope=form, now=world.now)
    assert codes(vc.verify(unanswered, challenge="c", domain="d", now=world.now)) == {"proof.challenge", "proof.domain"}


def test_somebody_elses_credential_is_not_presented(world: Any) -> None:
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"))
    shown = vc.present_enveloped(secured, world.key("stranger"), now=world.now)
    assert codes(vc.verify(shown, now=world.now)) == {"holder.binding"}


def test_a_credential_bound_to_a_key_is_presented_with_that_key(world: Any) -> None:
    device, stranger = world.key("device"), world.key("stranger")
    document = world.credential()
    del document["credentialSubject"]["id"]
    secured = vc.issue_enveloped(document, world.key("issuer"), holder_key=device.public_key)
    good = vc.present_enveloped(secured, device, now=world.now)
    bad = vc.present_enveloped(secured, stranger, now=world.now)
    assert vc.verify(good, now=world.now).verified
    assert codes(vc.verify(bad, now=world.now)) == {"holder.binding"}


def test_an_unsecured_credential_in_a_presentation_is_refused(world: Any) -> None:
    device = world.key("device")
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": device.did,
        "verifiableCredential": [world.credential()],
    }
    verdict = vc.verify(jwt(world, payload, {"typ": "vp+jwt"}, device), now=world.now)
    assert "proof.missing" in codes(verdict)


def test_a_bad_credential_in_a_good_presentation_is_named(world: Any) -> None:
    device = world.key("device")
    secured = vc.issue_enveloped(world.credential(), world.key("issuer"))
    assert isinstance(secured, str)
    head, dot, signature = secured.rpartition(".")
    changed = head + dot + ("A" if signature[0] != "A" else "B") + signature[1:]
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": device.did,
        "verifiableCredential": [as_document(secured), as_document(changed)],
    }
    verdict = vc.verify(jwt(world, payload, {"typ": "vp+jwt"}, device), now=world.now)
    assert [(p.code, p.pointer) for p in verdict.problems] == [("proof.signature", "/verifiableCredential/1")]


def test_a_holder_that_did_not_sign_is_refused(world: Any) -> None:
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": world.key("device").did,
    }
    assert "holder.controller" in codes(
        vc.verify(jwt(world, payload, {"typ": "vp+jwt"}, world.key("stranger")), now=world.now)
    )


def test_a_presentations_age_is_judged(world: Any) -> None:
    shown = vc.present_enveloped([], world.key("device"), now=world.now, expires_in=60)
    assert codes(vc.verify(shown, now=world.now + timedelta(seconds=61))) == {"proof.expired"}
    assert codes(vc.verify(shown, now=world.now - timedelta(hours=1))) == {"proof.created"}


# --- VC-JWT of VCDM 1.1 ----------------------------------------------------------------------------------------------


def vc_1_1(world: Any, **claims: Any) -> dict[str, Any]:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": world.key("device").did},
    }
    return {
        "iss": world.key("issuer").did,
        "sub": world.key("device").did,
        "jti": "urn:uuid:1",
        "nbf": 1_700_000_000,
        "exp": 1_900_000_000,
        "vc": document,
        **claims,
    }


@pytest.mark.parametrize("header", [{}, {"typ": "JWT"}])
def test_a_vc_jwt_of_vcdm_1_1_is_accepted(world: Any, header: dict[str, Any]) -> None:
    token = jwt(world, vc_1_1(world), header)
    verdict = vc.verify(token, now=world.now)
    assert verdict.verified, verdict.problems
    assert verdict.document is not None
    assert verdict.document["issuanceDate"] == "2023-11-14T22:13:20Z"
    assert verdict.document["issuer"] == world.key("issuer").did
    assert "period.over" in codes(vc.verify(token, now=world.now + timedelta(days=3000)))


def test_a_presentation_of_vcdm_1_1_holds_jwts(world: Any) -> None:
    device = world.key("device")
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [jwt(world, vc_1_1(world), {"typ": "JWT"})],
    }
    token = jwt(world, {"iss": device.did, "nonce": "c", "aud": "d", "vp": document}, {"typ": "JWT"}, device)
    verdict = vc.verify(token, challenge="c", domain="d", now=world.now)
    assert verdict.verified, verdict.problems


@pytest.mark.parametrize(
    "claims",
    [{"iss": "did:example:x"}, {"vc": "x"}, {"vc": {}}, {"vp": {}}, {"@context": []}, {"vc": None}, {"exp": "x"}],
    ids=str,
)
def test_a_malformed_vc_jwt_is_refused(world: Any, claims: dict[str, Any]) -> None:
    assert not vc.verify(jwt(world, vc_1_1(world, **claims), {}), now=world.now).verified


def test_a_document_of_2_0_in_an_old_claim_is_refused_but_for_a_profile(world: Any) -> None:
    token = jwt(world, {"iss": world.key("issuer").did, "vc": world.credential()}, {"typ": "JWT"})
    assert codes(vc.verify(token, now=world.now)) == {"envelope.claims"}

    class Old(EnvelopeProfile):
        @property
        def accepts_claims_around_2_0(self) -> bool:
            return True

    assert vc.verify(token, now=world.now, envelopes=Old()).verified


# --- issuing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "options", "code"),
    [
        ({"issuer_": "did:example:other"}, {}, "issuer.controller"),
        ({"credentialSubject": None}, {}, "model.subject"),
        ({"proof": {"type": "X"}}, {}, "model.envelope"),
        ({"iss": "did:example:x"}, {}, "envelope.claims"),
        ({}, {"envelope": "vp+jwt"}, "envelope.media_type"),
        ({}, {"envelope": "jwt"}, "envelope.media_type"),
        ({}, {"envelope": "x"}, "envelope.media_type"),
        ({}, {"disclosable": ["/name"]}, "proof.generation"),
        ({}, {"envelope": "vc+sd-jwt", "disclosable": ["/nothing"]}, "pointer.no_match"),
        ({}, {"envelope": "vc+sd-jwt", "disclosable": ["name"]}, "pointer.form"),
        ({}, {"envelope": "vc+sd-jwt", "disclosable": ["/validUntil"]}, "sd_jwt.form"),
        ({}, {"envelope": "vc+sd-jwt", "disclosable": ["/issuer/name"]}, "sd_jwt.form"),
        ({"_sd": []}, {"envelope": "vc+sd-jwt"}, "sd_jwt.form"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_can_not_be_issued_is_refused(world: Any, changes: Any, options: Any, code: str) -> None:
    document = {**world.credential(), **changes}
    document = {name.removesuffix("_"): value for name, value in document.items() if value is not None}
    with pytest.raises(ProblemError) as refused:
        vc.issue_enveloped(document, world.key("issuer"), **options)
    assert code in {problem.code for problem in refused.value.problems}


def test_nothing_of_the_caller_is_changed(world: Any) -> None:
    credential = world.credential()
    before = json.dumps(credential)
    vc.issue_enveloped(
        credential, world.key("issuer"), envelope="vc+sd-jwt", disclosable=["/credentialSubject/address"]
    )
    assert json.dumps(credential) == before


def test_a_bbs_key_signs_no_envelope(world: Any) -> None:
    key = world.key("issuer", "BLS12-381-G2")
    with pytest.raises(ProblemError) as refused:
        vc.issue_enveloped(world.credential(key), key)
    assert refused.value.code == "method.key_type"


def test_explain_shows_what_was_verified(world: Any) -> None:
    secured = vc.issue_enveloped(
        world.credential(), world.key("issuer"), envelope="vc+sd-jwt", disclosable=["/credentialSubject/fullName"]
    )
    trace = vc.verify(secured, now=world.now, explain=True).trace
    assert trace is not None
    assert trace["proofs"][0]["envelope"] == "vc+sd-jwt"
    assert trace["proofs"][0]["disclosed"] == ["/credentialSubject/fullName"]


def test_the_modules_agree_on_what_an_envelope_is() -> None:
    assert not is_envelope("{}")
    assert not is_envelope(b' {"a": 1}')
    assert not is_envelope({"@context": []})
    assert is_envelope({"payload": "", "signature": ""})
    assert cose.looks_like_cose(b"\xd2\x84")
    assert not is_envelope(b"")
    assert sd_jwt.is_json_serialisation({"payload": "", "signatures": []})
    assert disclosures.DEFAULT_HASH == "sha-256"
