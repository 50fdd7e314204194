"""What each line of the envelopes is for: without it an envelope would say two things, or count when it should not."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest

import did
import vc
from contexts import CONTEXTS
from vc import Outcome
from vc.envelope import cose
from vc.envelope.jws import compact, parse_compact
from vc.problems import ProblemError

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
ISSUER, DEVICE, OTHER = (
    did.SoftwareKey.from_seed("P-256", name)
    for name in (b"issuer of envelopes", b"device of envelopes", b"other of envelopes")
)
VCT = "https://types.example/licence"


def credential(**change: Any) -> dict[str, Any]:
    return {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER.did,
        "credentialSubject": {"id": DEVICE.did, "alumniOf": "A school"},
        **change,
    }


def presentation(**change: Any) -> dict[str, Any]:
    return {"@context": [V2, EXAMPLES], "type": ["VerifiablePresentation"], "holder": DEVICE.did, **change}


def token(payload: dict[str, Any], key: did.SoftwareKey = ISSUER, typ: str = "vc+jwt", **header: Any) -> str:
    head = {"typ": typ, "kid": key.verification_method, **header}
    return compact({k: v for k, v in head.items() if v is not None}, json.dumps(payload).encode(), key)


def vp(payload: dict[str, Any], key: did.SoftwareKey = DEVICE, **header: Any) -> str:
    return token(payload, key, "vp+jwt", **header)


def codes(document: Any, **stated: Any) -> list[str]:
    return [problem.code for problem in vc.verify(document, **{"now": NOW, **stated}).problems]


class TestPresentationsSayOneThing:
    """Of a presentation the holder is what the issuer is of a credential."""

    def test_iss_is_the_holder(self) -> None:
        assert codes(vp(presentation())) == []
        assert codes(vp(presentation(iss=DEVICE.did))) == []
        assert codes(vp(presentation(iss=OTHER.did))) == ["envelope.claims"]
        nameless = {k: v for k, v in presentation(iss=DEVICE.did).items() if k != "holder"}
        assert codes(vp(nameless)) == []
        assert "holder.controller" in codes(vp({**nameless, "iss": OTHER.did}))

    def test_iss_in_the_header_is_the_holder_too(self) -> None:
        assert codes(vp(presentation(), iss=DEVICE.did)) == []
        assert codes(vp(presentation(), iss=OTHER.did)) == ["envelope.header"]
        assert codes(token(credential(), iss=ISSUER.did)) == []
        assert codes(token(credential(), iss=OTHER.did)) == ["envelope.header"]
        assert codes(token(credential(issuer=ISSUER.did), iss=DEVICE.did)) == ["envelope.header"]

    def test_sub_is_the_holder(self) -> None:
        assert codes(vp(presentation(sub=DEVICE.did))) == []
        assert codes(vp(presentation(sub=OTHER.did))) == ["envelope.claims"]
        nameless = {k: v for k, v in presentation(iss=DEVICE.did, sub=DEVICE.did).items() if k != "holder"}
        assert codes(vp(nameless)) == []
        assert codes(vp({**nameless, "sub": OTHER.did})) == ["envelope.claims"]
        assert codes(token(credential(sub=OTHER.did))) == ["envelope.claims"]

    @pytest.mark.parametrize("name", ["nonce", "aud", "exp", "nbf", "iat", "jti", "sub", "validUntil", "status", "cnf"])
    def test_a_claim_of_the_header_is_that_of_the_payload(self, name: str) -> None:
        values: tuple[Any, Any] = ("x", "y")
        if name in ("exp", "nbf", "iat"):
            values = (SECONDS, SECONDS + 1)
        elif name == "cnf":
            values = ({"kid": "x"}, {"kid": "y"})
        assert "envelope.header" in codes(vp(presentation(), **{name: values[0]}))
        assert "envelope.header" in codes(vp(presentation(**{name: values[0]}), **{name: values[1]}))

    def test_an_id_beside_the_claim_is_that_of_the_document(self) -> None:
        inner = {
            "@context": [V1],
            "id": "urn:uuid:0d2ae1f8-2a5b-4d54-9d3f-5f1c1c9a8d11",
            "type": ["VerifiableCredential"],
            "issuer": ISSUER.did,
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": DEVICE.did},
        }
        for payload, wanted in (
            ({"vc": inner}, []),
            ({"vc": inner, "id": inner["id"]}, []),
            ({"vc": inner, "id": "urn:uuid:other"}, ["envelope.claims"]),
            ({"vc": inner, "iss": OTHER.did}, ["envelope.claims"]),
            ({"vc": inner, "jti": "urn:uuid:other"}, ["envelope.claims"]),
            ({"vc": inner, "issuer": ISSUER.did}, ["envelope.claims"]),
            ({"vc": {**inner, "verifiableCredential": {"unheardOf": "x"}}}, ["jsonld.undefined_term"]),
        ):
            assert codes(token(payload, typ="JWT")) == wanted, payload.keys()


class TestPresentationsHaveTheirTime:
    @pytest.mark.parametrize(
        ("claims", "wanted"),
        [
            ({"nbf": SECONDS + 60}, []),
            ({"nbf": SECONDS + 61}, ["period.not_yet"]),
            ({"nbf": SECONDS + 60.5}, ["period.not_yet"]),
            ({"iat": SECONDS + 60}, []),
            ({"iat": SECONDS + 61}, ["proof.created"]),
            ({"exp": SECONDS + 1}, []),
            ({"exp": SECONDS}, ["proof.expired"]),
            ({"exp": SECONDS - 1}, ["proof.expired"]),
        ],
    )
    def test_it_begins_and_ends_at_its_second(self, claims: dict[str, Any], wanted: list[str]) -> None:
        assert codes(vp(presentation(**claims))) == wanted

    @pytest.mark.parametrize(
        ("claims", "wanted"),
        [
            ({"nbf": SECONDS + 60}, []),
            ({"nbf": SECONDS + 61}, ["period.not_yet"]),
            ({"exp": SECONDS}, ["proof.expired"]),
            ({"exp": SECONDS + 1}, []),
        ],
    )
    def test_and_so_does_the_envelope_of_a_credential(self, claims: dict[str, Any], wanted: list[str]) -> None:
        verdict = vc.verify(token(credential(**claims)), now=NOW)
        assert [problem.code for problem in verdict.problems] == wanted
        failed = [check.name for check in verdict.checks if check.outcome is Outcome.FAILED]
        assert failed == ([] if not wanted else ["validity_period" if "nbf" in claims else "proof_expiry"])

    def test_a_number_beyond_all_is_no_time(self) -> None:
        payload = json.dumps(presentation()).replace("{", '{"iat": 1e999, ', 1).encode()
        head = {"typ": "vp+jwt", "kid": DEVICE.verification_method}
        found = codes(compact(head, payload, DEVICE))
        assert found and found[0] in ("envelope.claims", "parse.json")
        assert "verification.internal" not in found

    def test_an_sd_jwt_vc_ends_with_the_skew_as_a_period_does(self) -> None:
        for claims, wanted in (
            ({"exp": SECONDS - 59}, []),
            ({"exp": SECONDS - 61}, ["period.over"]),
            ({"nbf": SECONDS + 60}, []),
            ({"nbf": SECONDS + 61}, ["period.not_yet"]),
        ):
            text = token({"vct": VCT, "iss": ISSUER.did, **claims}, typ="dc+sd-jwt") + "~"
            assert codes(text) == wanted, claims

    @pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
    @pytest.mark.parametrize("value", ["now", True, None, [], 10**12, -(10**12), float("1e300")])
    def test_what_is_no_time_is_refused(self, name: str, value: Any) -> None:
        assert "envelope.claims" in codes(vp(presentation(**{name: value})))


class TestPurposes:
    def test_a_credential_is_no_presentation_and_the_other_way_round(self) -> None:
        assert codes(token(credential()), proof_purpose="authentication") == ["proof.purpose"]
        assert codes(vp(presentation()), proof_purpose="assertionMethod") == ["proof.purpose"]
        assert codes(token(credential()), proof_purpose="assertionMethod") == []

    def test_a_credential_answers_no_challenge(self) -> None:
        assert codes(token(credential(nonce="c")), challenge="c") == ["proof.challenge"]
        assert codes(vp(presentation(nonce="c")), challenge="c") == []
        assert codes(vp(presentation(nonce="x")), challenge="c") == ["proof.challenge"]
        assert codes(vp(presentation(nonce="c", aud="x")), challenge="c", domain="d") == ["proof.domain"]
        assert codes(vp(presentation(nonce="x", aud="d")), challenge="c", domain="d") == ["proof.challenge"]
        assert codes(vp(presentation(nonce="c", aud=["d", "e"])), challenge="c", domain="d") == ["proof.domain"]
        assert codes(vp(presentation(nonce="c", aud=["e", "d"])), challenge="c", domain=["d", "e"]) == []


class TestBindings:
    """The key binding of an SD-JWT."""

    def issued(self, **claims: Any) -> str:
        payload = {"vct": VCT, "name": "An example", "age": 26, **claims}
        return str(
            vc.issue_enveloped(
                payload,
                ISSUER,
                envelope="dc+sd-jwt",
                disclosable=["/name", "/age"],
                holder_key=DEVICE.public_key,
                now=NOW,
            )
        )

    def bound(self, when: datetime = NOW) -> str:
        return vc.derive_enveloped(self.issued(), ["/name"], signer=DEVICE, challenge="c", domain="d", now=when)

    def judged(self, text: str, **stated: Any) -> list[str]:
        return codes(text, **{"challenge": "c", "domain": "d", **stated})

    def test_it_is_at_most_ten_minutes_old_and_from_no_later_than_the_clocks_may_differ(self) -> None:
        text = self.bound()
        ten, minute, second = timedelta(minutes=10), timedelta(seconds=60), timedelta(seconds=1)
        assert self.judged(text, now=NOW + ten + minute) == []
        assert self.judged(text, now=NOW + ten + minute + second) == ["proof.expired"]
        assert self.judged(text, now=NOW - minute) == []
        assert self.judged(text, now=NOW - minute - second) == ["proof.created"]
        odd = timedelta(seconds=30, microseconds=500_000)
        profile = vc.envelope.EnvelopeProfile(binding_max_age=odd)
        assert self.judged(text, envelopes=profile, now=NOW + odd + minute) == []
        assert self.judged(text, envelopes=profile, now=NOW + odd + minute + second) == ["proof.expired"]

    def test_it_is_about_what_is_shown_by_whom_it_is_bound_to(self) -> None:
        text = self.bound()
        assert self.judged(text) == []
        shown, binding = text[: text.rindex("~") + 1], text[text.rindex("~") + 1 :]
        less = "~".join(shown.split("~")[:1]) + "~"
        assert self.judged(less + binding) == ["sd_jwt.binding"]
        stolen = json.loads(_decoded(binding.split(".")[1]))
        forged = compact({"typ": "kb+jwt"}, json.dumps(stolen).encode(), OTHER)
        verdict = vc.verify(shown + forged, now=NOW, challenge="c", domain="d")
        assert [p.code for p in verdict.problems] == ["sd_jwt.binding"]
        assert [c.outcome for c in verdict.checks if c.name == "holder_binding"] == [Outcome.FAILED]
        other_key = compact({"typ": "kb+jwt", "jwk": OTHER.public_key.to_jwk()}, json.dumps(stolen).encode(), DEVICE)
        assert self.judged(shown + other_key) == ["sd_jwt.binding"]
        assert "proof.challenge" in self.judged(shown)

    @pytest.mark.parametrize(
        "change",
        [
            {"iat": None},
            {"aud": None},
            {"nonce": None},
            {"sd_hash": None},
            {"aud": ["d"]},
            {"nonce": 7},
            {"iat": "now"},
            {"sd_hash": 7},
            {"exp": "later"},
            {"nbf": True},
            {"exp": None, "nbf": "x"},
        ],
    )
    def test_it_has_what_it_has_to_have(self, change: dict[str, Any]) -> None:
        text = self.bound()
        shown, binding = text[: text.rindex("~") + 1], text[text.rindex("~") + 1 :]
        claims = {**json.loads(_decoded(binding.split(".")[1])), **change}
        claims = {name: value for name, value in claims.items() if value is not None}
        made = compact({"typ": "kb+jwt"}, json.dumps(claims).encode(), DEVICE)
        assert self.judged(shown + made)[0] == "sd_jwt.binding"
        plain = compact({"typ": "JWT"}, json.dumps(claims).encode(), DEVICE)
        assert self.judged(shown + plain)[0] == "sd_jwt.binding"

    def test_the_holder_may_be_named_by_a_did_and_by_no_other_name(self) -> None:
        for kid, wanted in ((DEVICE.did, []), (DEVICE.verification_method, []), (OTHER.did, ["sd_jwt.binding"])):
            claims = {"vct": VCT, "iss": ISSUER.did, "cnf": {"kid": kid}}
            shown = token(claims, typ="dc+sd-jwt") + "~"
            binding = {"iat": SECONDS, "aud": "d", "nonce": "c", "sd_hash": _hash(shown)}
            made = shown + compact({"typ": "kb+jwt"}, json.dumps(binding).encode(), DEVICE)
            assert self.judged(made) == wanted, kid
        for kid in ("https://holder.example/#key", "key-1", "", "did:example:nobody#key"):
            shown = token({"vct": VCT, "iss": ISSUER.did, "cnf": {"kid": kid}}, typ="dc+sd-jwt") + "~"
            binding = {"iat": SECONDS, "aud": "d", "nonce": "c", "sd_hash": _hash(shown)}
            made = shown + compact({"typ": "kb+jwt"}, json.dumps(binding).encode(), DEVICE)
            assert self.judged(made) == ["method.invalid" if kid.startswith("did:") else "sd_jwt.binding"], kid

    @pytest.mark.parametrize(
        "more", [{}, {"kid": "1", "use": "sig", "alg": "ES256", "x5t": "x"}, {"key_ops": ["verify"]}]
    )
    def test_a_key_may_say_more_of_itself_and_is_still_the_only_one(self, more: dict[str, Any]) -> None:
        claims = {"vct": VCT, "iss": ISSUER.did, "cnf": {"jwk": {**DEVICE.public_key.to_jwk(), **more}}}
        shown = token(claims, typ="dc+sd-jwt") + "~"
        binding = json.dumps({"iat": SECONDS, "aud": "d", "nonce": "c", "sd_hash": _hash(shown)}).encode()
        assert self.judged(shown + compact({"typ": "kb+jwt"}, binding, DEVICE)) == []
        assert self.judged(shown + compact({"typ": "kb+jwt"}, binding, OTHER)) == ["sd_jwt.binding"]

    def test_a_key_that_is_none_binds_nobody(self) -> None:
        for jwk in ({}, {"kty": "EC"}, {"kty": "RSA", "n": "AA", "e": "AQAB"}, "x", None, 7):
            shown = token({"vct": VCT, "iss": ISSUER.did, "cnf": {"jwk": jwk}}, typ="dc+sd-jwt") + "~"
            binding = json.dumps({"iat": SECONDS, "aud": "d", "nonce": "c", "sd_hash": _hash(shown)}).encode()
            made = shown + compact({"typ": "kb+jwt"}, binding, DEVICE)
            assert self.judged(made) == ["sd_jwt.binding"], jwk

    def test_nobody_holds_one_that_nobody_has_shown_to_hold(self) -> None:
        bare = vc.verify(self.issued(), now=NOW)
        assert [c.outcome for c in bare.checks if c.name == "holder_binding"] == [Outcome.NOT_APPLICABLE]
        unbound = vc.verify(token({"vct": VCT, "iss": ISSUER.did}, typ="dc+sd-jwt") + "~", now=NOW)
        assert [c.outcome for c in unbound.checks if c.name == "holder_binding"] == []
        assert bare.verified and unbound.verified and not unbound.warnings

    @pytest.mark.parametrize(
        "confirmation",
        [
            {"jwk": DEVICE.public_key.to_jwk(), "kid": OTHER.did},
            {"jwk": DEVICE.public_key.to_jwk(), "jkt": "x"},
            {"jwk": DEVICE.public_key.to_jwk(), "x5c": ["AA"]},
        ],
    )
    def test_two_keys_are_none(self, confirmation: dict[str, Any]) -> None:
        claims = {"vct": VCT, "iss": ISSUER.did, "cnf": confirmation}
        assert "envelope.claims" in codes(token(claims, typ="dc+sd-jwt") + "~")
        fine = {**claims, "cnf": {"jwk": DEVICE.public_key.to_jwk(), "kid": "key-1"}}
        assert codes(token(fine, typ="dc+sd-jwt") + "~") == []

    def test_a_did_beside_what_names_no_key_is_one_key(self) -> None:
        for confirmation in ({"kid": DEVICE.did, "purpose": "x"}, {"kid": DEVICE.did}):
            claims = {"vct": VCT, "iss": ISSUER.did, "cnf": confirmation}
            assert codes(token(claims, typ="dc+sd-jwt") + "~") == []

    def test_an_end_that_stands_in_a_member_stands_in_its_claim(self) -> None:
        end = NOW + timedelta(days=1)
        for claims, wanted in (
            ({"exp": SECONDS + 86_400, "validUntil": end.isoformat()}, []),
            ({"validUntil": end.isoformat()}, ["envelope.claims"]),
            ({"exp": SECONDS + 86_401, "validUntil": end.isoformat()}, ["envelope.claims"]),
            ({"exp": SECONDS + 86_400, "validUntil": "some day"}, ["envelope.claims"]),
            ({"nbf": SECONDS, "validFrom": NOW.isoformat()}, []),
            ({"validFrom": NOW.isoformat()}, ["envelope.claims"]),
        ):
            assert codes(token({"vct": VCT, "iss": ISSUER.did, **claims}, typ="dc+sd-jwt") + "~") == wanted, claims

    def test_a_subject_that_is_a_key_is_the_key_it_is_bound_to(self) -> None:
        jwk = DEVICE.public_key.to_jwk()
        for subject, wanted in ((DEVICE.did, []), (OTHER.did, ["holder.binding"]), ("did:example:child", [])):
            claims = {"vct": VCT, "iss": ISSUER.did, "sub": subject, "cnf": {"jwk": jwk}}
            assert codes(token(claims, typ="dc+sd-jwt") + "~") == wanted, subject
        about = credential(credentialSubject={"id": OTHER.did, "alumniOf": "A"}, cnf={"jwk": jwk})
        assert codes(token(about)) == ["holder.binding"]
        assert codes(token(credential(cnf={"jwk": jwk}))) == []


class TestPolicies:
    def test_a_presentation_in_an_envelope_was_just_made_too(self) -> None:
        def judged(text: str) -> list[str]:
            return codes(text, **vc.JUST_MADE.stated)

        fresh = {"iat": SECONDS, "exp": SECONDS + 300}
        assert judged(vp(presentation(**fresh))) == []
        assert judged(vp(presentation(**{**fresh, "iat": SECONDS - 361}))) == ["policy.too_old"]
        assert judged(vp(presentation(iat=SECONDS))) == ["policy.expires_missing"]
        assert judged(vp(presentation(exp=SECONDS + 300))) == ["policy.created_missing"]
        inside = {"@context": V2, "type": "EnvelopedVerifiableCredential"}
        inside["id"] = "data:application/vc+jwt," + token(credential(iat=SECONDS - 9_000))
        assert judged(vp(presentation(**fresh, verifiableCredential=[inside]))) == []

    def test_one_that_answers_something_answers_both(self) -> None:
        assert codes(vp(presentation(aud="d")), domain="d") == []
        assert codes(vp(presentation(nonce="c")), challenge="c", domain="d") == ["proof.domain"]
        assert codes(vp(presentation(aud="d")), challenge="c", domain="d") == ["proof.challenge"]
        assert codes(vp(presentation(nonce="c", aud="d")), challenge="c", domain="d") == []

    def test_what_is_not_reached_is_said_so(self) -> None:
        verdict = vc.verify(token(credential(), kid="did:example:nobody#key"), now=NOW, explain=True)
        assert [(c.name, c.outcome) for c in verdict.checks if c.name == "proof"] == [("proof", Outcome.NOT_APPLICABLE)]
        assert [p.code for p in verdict.problems] == ["method.invalid"]

    def test_contexts_that_were_allowed_are_allowed_in_envelopes(self) -> None:
        content, url = b'{"@context": {"extra": "https://example.org/extra"}}', "https://known.example/v1"
        mine = CONTEXTS.with_context(url, content, hashlib.sha256(content).hexdigest())
        text = token(credential(**{"@context": [V2, EXAMPLES, url]}, extra="x"))
        assert codes(text, contexts=mine) == []
        assert "context.unknown" in codes(text)

    def test_a_presentation_of_1_1_means_something_too(self) -> None:
        inner = {"@context": [V1], "type": ["VerifiablePresentation"], "holder": DEVICE.did}
        assert codes(token({"vp": inner, "iss": DEVICE.did}, DEVICE, "JWT")) == []
        unheard = {**inner, "unheardOf": "x"}
        assert codes(token({"vp": unheard, "iss": DEVICE.did}, DEVICE, "JWT")) == ["jsonld.undefined_term"]

    def test_metadata_is_asked_for_what_is_genuine_only(self) -> None:
        class Counting:
            asked = 0

            def get(self, url: str) -> bytes:
                self.asked += 1
                raise vc.envelope.SourceUnavailable("out of reach")

            async def get_async(self, url: str) -> bytes:
                return self.get(url)

        source = Counting()
        profile = vc.envelope.EnvelopeProfile(type_metadata_source=source)
        text = token({"vct": VCT, "iss": ISSUER.did}, typ="dc+sd-jwt")
        vc.verify(text + "~", now=NOW, envelopes=profile)
        assert source.asked == 1
        forged = text[:-2] + ("AA" if not text.endswith("AA") else "BA")
        assert codes(forged + "~", envelopes=profile)[0] in ("proof.signature", "envelope.form")
        assert source.asked == 1


class TestKeys:
    def test_the_document_of_a_controller_is_fetched_from_https_only(self) -> None:
        class Counting:
            asked: list[str]

            def __init__(self) -> None:
                self.asked = []

            def get(self, url: str) -> bytes:
                self.asked.append(url)
                raise vc.envelope.SourceUnavailable("out of reach")

            async def get_async(self, url: str) -> bytes:
                return self.get(url)

        source = Counting()
        profile = vc.envelope.EnvelopeProfile(controller_source=source)
        for base in ("http://issuer.example/a", "file:///etc/hosts", "ftp://issuer.example"):
            text = token(credential(issuer=base), kid=base + "#key")
            assert codes(text, envelopes=profile) == ["method.unavailable"], base
        assert source.asked == []
        codes(
            token(credential(issuer="https://issuer.example/a"), kid="https://issuer.example/a#key"), envelopes=profile
        )
        assert source.asked == ["https://issuer.example/a"]
        codes(token(credential(issuer="https://issuer.example/b"), kid="key-1"), envelopes=profile)
        assert source.asked == ["https://issuer.example/a", "https://issuer.example/b"]

    def test_who_is_known_by_a_document_is_not_known_by_metadata(self) -> None:
        issuer = "https://issuer.example/known"
        method = {
            "id": f"{issuer}#key-1",
            "type": "JsonWebKey",
            "controller": issuer,
            "publicKeyJwk": ISSUER.public_key.to_jwk(),
        }
        document = {"id": issuer, "verificationMethod": [method], "assertionMethod": [method["id"]]}
        keys = {"keys": [{**OTHER.public_key.to_jwk(), "kid": "key-1"}]}
        metadata = json.dumps({"issuer": issuer, "jwks": keys}).encode()
        profile = vc.envelope.EnvelopeProfile(
            controllers={issuer: document},
            issuer_metadata={issuer: metadata},
            policies=frozenset({"jwt-vc-issuer-metadata"}),
        )
        claims = {"vct": VCT, "iss": issuer}
        assert codes(token(claims, ISSUER, "dc+sd-jwt", kid="key-1") + "~", envelopes=profile) == []
        forged = token(claims, OTHER, "dc+sd-jwt", kid="key-1") + "~"
        assert codes(forged, envelopes=profile) == ["proof.signature"]

    def test_a_plain_name_of_nobody_names_nothing(self) -> None:
        for kid in ("key-1", "#key-1", ""):
            assert codes(token({"vct": VCT}, typ="dc+sd-jwt", kid=kid) + "~") == ["method.invalid"], kid

    def test_a_key_that_is_listed_for_something_else_is_said_to_be(self) -> None:
        agreement = did.SoftwareKey.from_seed("X25519", b"agreement of envelopes")
        text = token(credential(), kid=agreement.verification_method)
        assert codes(text) == ["method.purpose"]

    def test_a_signature_of_any_length_is_not_decoded(self) -> None:
        head, body, _ = token(credential()).split(".")
        with pytest.raises(ProblemError) as raised:
            parse_compact(f"{head}.{body}." + "A" * 100_000)
        assert "longer than any signature" in raised.value.problems[0].detail
        with pytest.raises(ProblemError) as raised:
            parse_compact(".".join([head, body, "AA", "AA", "AA"]))
        assert "encrypted" in raised.value.problems[0].detail

    @pytest.mark.parametrize("end", ["expires", "revoked"])
    def test_a_key_that_has_ended_signs_no_envelope(self, end: str) -> None:
        class Ending(did.Resolver):
            def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
                found = super().dereference(did_url, purpose)
                ends: dict[str, Any] = {end: NOW}
                return did.VerificationMethod(found.id, found.type, found.controller, found.public_key, **ends)

        for text in (token(credential()), vp(presentation())):
            assert codes(text, resolver=Ending()) == ["method.expired"]
            assert codes(text, resolver=Ending(), now=NOW - timedelta(seconds=1)) == []

    def test_a_key_in_the_header_is_the_one_that_signed(self) -> None:
        assert codes(token(credential(), jwk=ISSUER.public_key.to_jwk())) == []
        for jwk in (OTHER.public_key.to_jwk(), {}, {"kty": "EC"}, "x", None, []):  # type: ignore[var-annotated]
            head = {"typ": "vc+jwt", "kid": ISSUER.verification_method, "jwk": jwk}
            text = compact(head, json.dumps(credential()).encode(), ISSUER)
            assert "envelope.header" in codes(text), jwk

    def test_another_key_than_the_issuers_signs_for_nobody(self) -> None:
        assert codes(token(credential(), OTHER)) == ["issuer.controller"]
        assert "holder.controller" in codes(vp(presentation(), OTHER))


class TestCose:
    def test_what_is_no_sign1_of_four_is_refused(self) -> None:
        good = vc.issue_enveloped(credential(), ISSUER, envelope="vc+cose", now=NOW)
        assert isinstance(good, bytes)
        assert codes(good) == []
        parts = cbor2.loads(good).value
        for wrong in (
            parts[:3],
            [*parts, b""],
            {0: parts[0]},
            7,
            [parts[0], parts[1], None, parts[3]],
            ["x", *parts[1:]],
            [parts[0], [], *parts[2:]],
            [*parts[:3], "signature"],
        ):
            with pytest.raises(ProblemError) as raised:
                cose.parse(cbor2.dumps(cbor2.CBORTag(18, wrong)))
            assert raised.value.code.startswith("envelope."), wrong
            assert not vc.verify(cbor2.dumps(cbor2.CBORTag(18, wrong)), now=NOW).verified

    def test_what_nobody_signed_and_what_nobody_knows_is_refused(self) -> None:
        protected = {1: -7, 16: "application/vc+cose", 3: "application/vc", 4: ISSUER.verification_method.encode()}
        payload = json.dumps(credential()).encode()

        def made(more: dict[int, Any], unprotected: dict[Any, Any]) -> bytes:
            header = cbor2.dumps({**protected, **more}, canonical=True)
            signature = ISSUER.sign(cbor2.dumps(["Signature1", header, b"", payload]))
            return cbor2.dumps(cbor2.CBORTag(18, [header, unprotected, payload, signature]), canonical=True)

        assert codes(made({}, {})) == []
        for more, unprotected in (
            ({2: [16]}, {}),
            ({}, {2: [16]}),
            ({}, {1: -7}),
            ({}, {16: "application/vc+cose"}),
            ({}, {3: "application/vc"}),
            ({}, {4: b"x"}),
            ({}, {99: 1}),
        ):
            assert codes(made(more, unprotected)) == ["envelope.header"], (more, unprotected)
        assert codes(made({1: "ES256"}, {})) == ["envelope.algorithm"]
        assert codes(made({1: True}, {})) == ["envelope.algorithm"]
        assert codes(made({1: -8}, {})) == ["envelope.algorithm"]
        assert codes(made({99: b"x" * 70_000}, {})) == ["envelope.form"]

    def test_a_changed_part_is_not_what_was_signed(self) -> None:
        good = vc.issue_enveloped(credential(), ISSUER, envelope="vc+cose", now=NOW)
        assert isinstance(good, bytes)
        protected, unprotected, payload, signature = cbor2.loads(good).value
        document = json.loads(payload)
        document["credentialSubject"]["alumniOf"] = "Another"
        for parts in (
            [protected, unprotected, json.dumps(document).encode(), signature],
            [protected, unprotected, payload, bytes(len(signature))],
            [protected, unprotected, payload, b""],
            [protected, unprotected, payload, signature[:-1]],
            [protected, unprotected, payload, signature + b"\x00"],
        ):
            assert not vc.verify(cbor2.dumps(cbor2.CBORTag(18, parts)), now=NOW).verified


def _decoded(text: str) -> bytes:
    return did.multibase.decode_base64url(text)


def _hash(shown: str) -> str:
    return did.multibase.encode_base64url(hashlib.sha256(shown.encode()).digest())
