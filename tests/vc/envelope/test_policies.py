"""What is refused by default and allowed by name: each refusal says which policy would allow it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import did
import vc
import vc.envelope
from did.resolution import FetchRequest, FetchResponse
from vc.envelope import POLICIES, EnvelopeProfile, SourceUnavailable, cose, jws
from vc.envelope.issuer_metadata import metadata_url
from vc.envelope.online import FetchedDocuments
from vc.problems import ProblemError
from vc.verdict import Verdict

HOST = "https://issuer.example"
VCT = "https://example.org/types/person"


def allowing(*names: str, **options: Any) -> EnvelopeProfile:
    return EnvelopeProfile(policies=frozenset(names), **options)


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def refusals(verdict: Verdict) -> str:
    assert not verdict.verified
    return "; ".join(problem.detail for problem in verdict.problems)


def test_a_policy_that_there_is_not_is_no_policy() -> None:
    for names in (["typ_missing"], ["typ-missing", ""], ["*"]):
        with pytest.raises(ValueError, match="no policy"):
            EnvelopeProfile(policies=frozenset(names))
    assert EnvelopeProfile(policies=frozenset(POLICIES)).policies == POLICIES.keys()


@pytest.mark.parametrize(("kind", "key"), [("credential", "issuer"), ("presentation", "device")])
def test_a_type_may_be_missing_under_a_policy(world: Any, kind: str, key: str) -> None:
    document = world.credential()
    if kind == "presentation":
        document = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": "VerifiablePresentation",
            "holder": world.key("device").did,
            "iat": int(world.now.timestamp()),
        }
    token = jws.compact({"kid": world.key(key).verification_method}, jws.dumps(document), world.key(key))
    assert "typ-missing" in refusals(vc.verify(token, now=world.now))
    assert vc.verify(token, now=world.now, envelopes=allowing("typ-missing")).verified


@pytest.mark.parametrize("typ", ["x", "kb+jwt", 5, None, "statuslist+jwt"])
def test_another_type_is_none_that_is_missing(world: Any, typ: Any) -> None:
    token = jws.compact({"typ": typ}, jws.dumps(world.credential()), world.key("issuer"))
    assert codes(vc.verify(token, now=world.now, envelopes=allowing(*POLICIES))) == {"envelope.media_type"}


def test_a_type_that_is_missing_is_not_guessed_for_other_forms(world: Any) -> None:
    issuer = world.key("issuer")
    for payload in ({"vct": VCT, "iss": issuer.did}, {"@context": [], "type": "x"}, {}):
        token = jws.compact({"kid": issuer.verification_method}, jws.dumps(payload), issuer)
        for text in (token, token + "~"):
            assert not vc.verify(text, now=world.now, envelopes=allowing(*POLICIES)).verified
    bare = cose.sign({cose.KID: issuer.verification_method.encode()}, jws.dumps(world.credential()), issuer)
    assert codes(vc.verify(bare, now=world.now, envelopes=allowing(*POLICIES))) == {"envelope.media_type"}


def test_a_type_of_a_draft_is_told_its_present_name(world: Any) -> None:
    token = jws.compact({"typ": "vc+ld+json+jwt"}, jws.dumps(world.credential()), world.key("issuer"))
    assert "vc+jwt takes its place" in refusals(vc.verify(token, now=world.now))


def test_a_document_of_2_0_in_an_old_claim_needs_a_policy(world: Any) -> None:
    document = {name: value for name, value in world.credential().items() if name != "issuer"}
    issuer = world.key("issuer")
    token = jws.compact({"typ": "JWT"}, jws.dumps({"iss": issuer.did, "vc": document}), issuer)
    assert "vcdm2-in-vc-claim" in refusals(vc.verify(token, now=world.now))
    verdict = vc.verify(token, now=world.now, envelopes=allowing("vcdm2-in-vc-claim"))
    assert verdict.verified
    assert verdict.document is not None
    assert verdict.document["issuer"] == issuer.did


@pytest.mark.parametrize("issuer", [{"name": "An authority"}, {}])
def test_an_issuer_without_an_id_is_named_by_iss(world: Any, issuer: dict[str, Any]) -> None:
    key = world.key("issuer")
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": [{"fullName": "王小明"}],
    }
    claims = {"iss": key.did, "sub": world.key("device").did, "nbf": 1_700_000_000, "vc": document}
    verdict = vc.verify(jws.compact({"typ": "JWT"}, jws.dumps(claims), key), now=world.now)
    assert verdict.verified, verdict.problems
    assert verdict.document is not None
    assert verdict.document["issuer"] == {"id": key.did, **issuer}
    assert verdict.document["credentialSubject"] == [{"id": world.key("device").did, "fullName": "王小明"}]


def test_es256k_needs_a_policy(world: Any) -> None:
    key = did.generate("secp256k1")
    payload = jws.dumps(world.credential(key))
    head = f"{part({'alg': 'ES256K', 'typ': 'vc+jwt', 'kid': key.verification_method})}.{part(payload)}"
    token = f"{head}.{part(key.sign(head.encode()))}"
    refused = vc.verify(token, now=world.now)
    assert codes(refused) == {"envelope.algorithm"}
    assert "es256k" in refusals(refused)
    assert vc.verify(token, now=world.now, envelopes=allowing("es256k")).verified
    with pytest.raises(ProblemError):
        vc.issue_enveloped(world.credential(key), key)


def part(value: Any) -> str:
    return did.multibase.encode_base64url(value if isinstance(value, bytes) else json.dumps(value).encode())


# --- keys -------------------------------------------------------------------------------------------------------------


class Web:
    """did:web documents and whatever else stands at a URL."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = {url: json.dumps(value).encode() for url, value in answers.items()}
        self.asked: list[str] = []

    def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request.url)
        if request.url not in self.answers:
            return FetchResponse(request.url, 404)
        return FetchResponse(request.url, 200, self.answers[request.url], "application/json")

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


def did_document(world: Any, count: int = 1) -> dict[str, Any]:
    identifier = "did:web:issuer.example"
    methods = [
        {
            "id": f"{identifier}#key-{number}",
            "type": "Multikey",
            "controller": identifier,
            "publicKeyMultibase": world.key("issuer" if number == 1 else "stranger").public_key.to_multikey(),
        }
        for number in range(1, count + 1)
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": identifier,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def test_the_only_key_of_a_did_needs_no_name_under_a_policy(world: Any) -> None:
    document = world.credential()
    document["issuer"] = "did:web:issuer.example"
    token = jws.compact({"typ": "vc+jwt"}, jws.dumps(document), world.key("issuer"))

    def judged(found: Any, *policies: str) -> Verdict:
        web = Web({f"{HOST}/.well-known/did.json": found} if found else {})
        return vc.verify(token, now=world.now, resolver=did.Resolver(fetcher=web), envelopes=allowing(*policies))

    assert "kid-missing" in refusals(judged(did_document(world)))
    assert judged(did_document(world), "kid-missing").verified
    assert codes(judged(did_document(world, 2), "kid-missing")) == {"method.invalid"}
    assert codes(judged({**did_document(world), "assertionMethod": []}, "kid-missing")) == {"method.invalid"}
    assert not judged(None, "kid-missing").verified


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        (HOST, f"{HOST}/.well-known/jwt-vc-issuer"),
        (HOST + "/", f"{HOST}/.well-known/jwt-vc-issuer"),
        (HOST + ":8443/tenant/1", f"{HOST}:8443/.well-known/jwt-vc-issuer/tenant/1"),
    ],
)
def test_the_well_known_path_is_put_behind_the_host(issuer: str, url: str) -> None:
    assert metadata_url(issuer) == url


@pytest.mark.parametrize(
    "issuer", ["http://issuer.example", "https://", "https://a@b.example", HOST + "?a", HOST + "#a"]
)
def test_other_issuers_have_no_metadata(issuer: str) -> None:
    with pytest.raises(ProblemError):
        metadata_url(issuer)


def metadata(world: Any, **changes: Any) -> dict[str, Any]:
    keys = [{**world.key("issuer").public_key.to_jwk(), "kid": "k1"}]
    found = {"issuer": HOST, "jwks": {"keys": keys}, **changes}
    return {name: value for name, value in found.items() if value is not ...}


def sd_jwt_of(world: Any, **header: Any) -> str:
    payload = {"iss": HOST, "vct": VCT, "iat": int(world.now.timestamp())}
    return jws.compact({"typ": "dc+sd-jwt", **header}, jws.dumps(payload), world.key("issuer")) + "~"


def test_issuer_metadata_gives_the_key_under_a_policy(world: Any) -> None:
    known = {HOST: json.dumps(metadata(world)).encode()}
    for header in ({"kid": "k1"}, {}):
        token = sd_jwt_of(world, **header)
        assert "jwt-vc-issuer-metadata" in refusals(vc.verify(token, now=world.now))
        found = vc.verify(token, now=world.now, envelopes=allowing("jwt-vc-issuer-metadata", issuer_metadata=known))
        assert found.verified, found.problems
        out_of_reach = vc.verify(token, now=world.now, envelopes=allowing("jwt-vc-issuer-metadata"))
        assert out_of_reach.indeterminate
    unasked = vc.verify(sd_jwt_of(world, kid="k1"), now=world.now, envelopes=EnvelopeProfile(issuer_metadata=known))
    assert not unasked.verified


async def test_issuer_metadata_and_its_key_set_are_fetched(world: Any) -> None:
    keys = metadata(world)["jwks"]
    web = Web(
        {
            f"{HOST}/.well-known/jwt-vc-issuer": metadata(world, jwks=..., jwks_uri=f"{HOST}/keys"),
            f"{HOST}/keys": keys,
        }
    )
    profile = allowing("jwt-vc-issuer-metadata", controller_source=FetchedDocuments(web))
    token = sd_jwt_of(world, kid="k1")
    assert vc.verify(token, now=world.now, envelopes=profile).verified
    assert (await vc.verify_async(token, now=world.now, envelopes=profile)).verified
    assert web.asked == [f"{HOST}/.well-known/jwt-vc-issuer", f"{HOST}/keys"] * 2
    web.answers.clear()
    assert vc.verify(token, now=world.now, envelopes=profile).indeterminate
    with pytest.raises(SourceUnavailable):
        await FetchedDocuments(web).get_async(HOST)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": HOST + "/other"},
        {"issuer": ...},
        {"jwks": ...},
        {"jwks_uri": HOST},
        {"jwks": {"keys": []}},
        {"jwks": []},
        {"jwks": {"keys": [{}] * 100}},
        {"jwks": {"keys": [{"kid": "k1"}]}},
        {"jwks": {"keys": [{"kid": "k1"}, {"kid": "k1"}]}},
        {"jwks": ..., "jwks_uri": "http://issuer.example/keys"},
    ],
    ids=str,
)
def test_other_metadata_gives_no_key(world: Any, changes: dict[str, Any]) -> None:
    known = {HOST: json.dumps(metadata(world, **changes)).encode()}
    profile = allowing("jwt-vc-issuer-metadata", issuer_metadata=known)
    assert codes(vc.verify(sd_jwt_of(world, kid="k1"), now=world.now, envelopes=profile)) == {"method.invalid"}


def test_a_key_for_encryption_or_of_another_name_is_not_taken(world: Any) -> None:
    jwk = world.key("issuer").public_key.to_jwk()
    for keys in ([{**jwk, "kid": "k2"}], [{**jwk, "kid": "k1", "use": "enc"}], [{**jwk, "kid": "k1", "d": "AA"}]):
        known = {HOST: json.dumps(metadata(world, jwks={"keys": keys})).encode()}
        profile = allowing("jwt-vc-issuer-metadata", issuer_metadata=known)
        assert codes(vc.verify(sd_jwt_of(world, kid="k1"), now=world.now, envelopes=profile)) == {"method.invalid"}


def test_every_name_of_the_package_can_be_had() -> None:
    for name in vc.envelope.__all__:
        assert getattr(vc.envelope, name) is not None
