"""What a card must show and may show at the counter: a holder who hides its end, or writes it under another name, is
refused at every entrance, however genuine the signatures are."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

import vc
from vc.cards import CARDS, check_claims_shown, check_presentation_shown, check_shown
from vc.cards.formats.sd_jwt_vc import to_claims, vct_of
from vc.cards.message import build, read
from vc.cards.model import to_credential
from vc.cards.shown import claims_shown, members_shown
from vc.integrity import CRYPTOSUITES, Environment
from vc.scenarios import PresentationRequest
from vc.securing import add_proof
from vc.status import status_entry
from verifier import Verifier

from .conftest import DOMAIN, INDEX, LISTS, NOW, PHONE, PORTRAIT, SICHUAN, World, codes, identity_card, issued, outcomes

Json = dict[str, Any]
CARD = CARDS["ResidentIdentityCardCredential"]
CREDENTIALS = "https://www.w3.org/2018/credentials#"


@pytest.fixture
def request_(counter: Verifier) -> PresentationRequest:
    return counter.request("hotel-check-in")


def careless(pointer: str, **change: Any) -> Json:
    """A card whose issuer lets its holder hide ``pointer``."""
    entries = [status_entry(url, INDEX, purpose) for purpose, url in LISTS.items()]
    credential = to_credential(
        identity_card(), issuer=SICHUAN.did, valid_from=date(2026, 11, 23), holder_did=PHONE.did, status=entries
    )
    credential.update(change)
    mandatory = [one for one in CARD.mandatory_pointers(credential) if one != pointer]
    return vc.issue(
        credential, SICHUAN, cryptosuite="ecdsa-sd-2023", mandatory_pointers=mandatory, hideable=[pointer], now=NOW
    )


def presented(request: PresentationRequest, card: Json, edit: Callable[[Json], object] | None = None) -> Json:
    """The message of a holder who edits what was derived from ``card`` before signing it."""
    terms = ["name", "portrait"]
    derived = vc.derive(card, selective_pointers=CARD.selective_pointers(terms))
    if edit is not None:
        edit(derived)
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": PHONE.did,
        "verifiableCredential": [derived],
    }
    return build(signed_as_it_is(presentation, request), [PORTRAIT]).to_dict()


def signed_as_it_is(presentation: Json, request: PresentationRequest) -> Json:
    """Signed whatever it means, as no library of ours would."""
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-jcs-2019",
        "created": "2026-11-23T08:00:00Z",
        "expires": "2026-11-23T08:05:00Z",
        "verificationMethod": PHONE.verification_method,
        "proofPurpose": "authentication",
        "challenge": request.challenge,
        "domain": DOMAIN,
    }
    return {**presentation, "proof": CRYPTOSUITES["ecdsa-jcs-2019"].create_proof(presentation, PHONE, config)}


def signed(presentation: Json, request: PresentationRequest, **change: Any) -> Json:
    config = {
        "created": NOW,
        "expires": NOW + timedelta(seconds=300),
        "proofPurpose": "authentication",
        "challenge": request.challenge,
        "domain": DOMAIN,
        **change,
    }
    return add_proof(presentation, PHONE, cryptosuite=None, config=config, options=None, env=Environment())


def places(verdict: vc.Verdict) -> set[tuple[str, str]]:
    return {(problem.code, problem.pointer.removeprefix("/verifiableCredential/0")) for problem in verdict.problems}


def test_an_honest_card_passes(counter: Verifier, request_: PresentationRequest) -> None:
    verdict = counter.verify(presented(request_, issued(identity_card())))
    assert verdict.verified, verdict.problems
    assert outcomes(verdict)["members"] == outcomes(verdict)["proof_freshness"] == "passed"


class TestHiding:
    @pytest.mark.parametrize("member", ["validFrom", "validUntil", "credentialStatus", "credentialSchema"])
    def test_what_an_issuer_lets_be_hidden_has_to_be_shown_here(
        self, counter: Verifier, request_: PresentationRequest, member: str
    ) -> None:
        message = presented(request_, careless(f"/{member}"))
        assert member not in message["verifiablePresentation"]["verifiableCredential"][0]
        verdict = counter.verify(message)
        assert places(verdict) == {("card.member_missing", f"/{member}")}
        assert outcomes(verdict)["proof"] == "not applicable"

    def test_whom_it_is_bound_to_can_not_be_hidden(self, counter: Verifier, request_: PresentationRequest) -> None:
        def edit(card: Json) -> None:
            del card["credentialSubject"]["id"]

        assert ("card.member_missing", "/credentialSubject/id") in places(
            counter.verify(presented(request_, issued(identity_card()), edit))
        )

    def test_a_status_that_says_nothing_of_revocation_is_none(
        self, counter: Verifier, request_: PresentationRequest
    ) -> None:
        suspension = [status_entry(LISTS["suspension"], INDEX, "suspension")]
        card = careless("/credentialSchema", credentialStatus=suspension)
        assert ("card.member_missing", "/credentialStatus") in places(counter.verify(presented(request_, card)))

    @pytest.mark.parametrize("name", ["validUntil", "credentialStatus", "validFrom", "credentialSchema", "issuer"])
    @pytest.mark.parametrize("prefix", [CREDENTIALS, "cred:", "@"])
    def test_another_name_for_it_is_no_name_here(
        self, counter: Verifier, request_: PresentationRequest, name: str, prefix: str
    ) -> None:
        def edit(card: Json) -> None:
            card[prefix + name] = card.pop(name)

        found = {code for code, _ in places(counter.verify(presented(request_, issued(identity_card()), edit)))}
        assert {"card.member_missing", "card.member_unknown"} <= found

    def test_one_of_two_entries_under_another_name_is_seen(
        self, counter: Verifier, request_: PresentationRequest
    ) -> None:
        def edit(card: Json) -> None:
            entries = card["credentialStatus"]
            card[CREDENTIALS + "credentialStatus"] = [e for e in entries if e["statusPurpose"] == "revocation"]
            card["credentialStatus"] = [e for e in entries if e["statusPurpose"] != "revocation"]

        verdict = counter.verify(presented(request_, issued(identity_card()), edit))
        assert {code for code, _ in places(verdict)} == {"card.member_unknown", "card.member_missing"}


UNKNOWN: dict[str, tuple[Callable[[Json], object], str, str]] = {
    "beside the members": (lambda c: c.update(evidence={"type": "X"}), "card.member_unknown", "/evidence"),
    "terms of use": (lambda c: c.update(termsOfUse={"type": "X"}), "card.member_unknown", "/termsOfUse"),
    "a name": (lambda c: c.update(name="x"), "card.member_unknown", "/name"),
    "an older date": (
        lambda c: c.update(expirationDate="2099-01-01T00:00:00Z"),
        "card.member_unknown",
        "/expirationDate",
    ),
    "among the claims": (
        lambda c: c["credentialSubject"].update(rank="x"),
        "card.claim_unknown",
        "/credentialSubject/rank",
    ),
    "in a claim": (
        lambda c: c["credentialSubject"]["portrait"].update(id="urn:x:y"),
        "card.claim_unknown",
        "/credentialSubject/portrait/id",
    ),
    "in the issuer": (
        lambda c: c.update(issuer={"id": c["issuer"], "image": "x"}),
        "card.member_unknown",
        "/issuer/image",
    ),
    "in a status entry": (
        lambda c: c["credentialStatus"][0].update(other="x"),
        "card.member_unknown",
        "/credentialStatus/0/other",
    ),
    "in the schema": (lambda c: c["credentialSchema"].update(x=1), "card.member_unknown", "/credentialSchema/x"),
    "in the proof": (lambda c: c["proof"].update(x=1), "card.member_unknown", "/proof/x"),
    "another context in the proof": (
        lambda c: c["proof"].update({"@context": []}),
        "card.form",
        "/proof/@context",
    ),
    "a second proof": (lambda c: c.update(proof=[c["proof"], c["proof"]]), "card.form", "/proof"),
    "a list of one proof": (lambda c: c.update(proof=[c["proof"]]), "card.form", "/proof"),
    "a second context": (lambda c: c["@context"].append(CREDENTIALS), "card.form", "/@context"),
    "a context below": (
        lambda c: c["credentialSubject"].update({"@context": {}}),
        "card.claim_unknown",
        "/credentialSubject/@context",
    ),
    "a second type": (lambda c: c["type"].append("VehicleLicenceCredentia"), "card.form", "/type"),
    "a second subject": (
        lambda c: c.update(credentialSubject=[c["credentialSubject"], {"id": "x"}]),
        "card.form",
        "/credentialSubject",
    ),
    "a value object": (lambda c: c.update(validUntil={"@value": c["validUntil"]}), "card.form", "/validUntil"),
    "a list of dates": (lambda c: c.update(validUntil=[c["validUntil"]]), "card.form", "/validUntil"),
    "no date": (lambda c: c.update(validUntil=None), "card.form", "/validUntil"),
    "a list of purposes": (
        lambda c: c["credentialStatus"][1].update(statusPurpose=["suspension"]),
        "card.form",
        "/credentialStatus/1/statusPurpose",
    ),
    "no entries": (lambda c: c.update(credentialStatus=[]), "card.form", "/credentialStatus"),
    "a text as status": (lambda c: c.update(credentialStatus="none"), "card.form", "/credentialStatus"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_a_card_does_not_have_is_refused(counter: Verifier, request_: PresentationRequest, name: str) -> None:
    edit, code, place = UNKNOWN[name]
    verdict = counter.verify(presented(request_, issued(identity_card()), edit))
    assert not verdict.verified
    assert (code, place) in places(verdict)
    assert outcomes(verdict)["members"] == "failed"


class TestThePresentation:
    @pytest.mark.parametrize(
        ("edit", "place"),
        [
            (lambda p: p.update(name="x"), "/name"),
            (lambda p: p.update({CREDENTIALS + "holder": p["holder"]}), f"/{CREDENTIALS.replace('/', '~1')}holder"),
            (lambda p: p["@context"].append("https://www.w3.org/ns/credentials/examples/v2"), "/@context"),
            (lambda p: p["type"].append("Other"), "/type"),
            (lambda p: p.update(holder={"id": PHONE.did, "name": "x"}), "/holder/name"),
            (lambda p: p.pop("holder"), "/holder"),
            (lambda p: p.update(verifiableCredential=p["verifiableCredential"][0]), "/verifiableCredential"),
            (lambda p: p["verifiableCredential"].append("x"), "/verifiableCredential"),
        ],
    )
    def test_it_has_these_members_and_no_others(
        self, counter: Verifier, request_: PresentationRequest, edit: Callable[[Json], object], place: str
    ) -> None:
        message = presented(request_, issued(identity_card()))
        unsigned = {name: value for name, value in message["verifiablePresentation"].items() if name != "proof"}
        edit(unsigned)
        config = {"challenge": request_.challenge, "domain": DOMAIN, "created": "2026-11-23T08:00:00Z"}
        proof = {**message["verifiablePresentation"]["proof"], **config}
        verdict = counter.verify({**message, "verifiablePresentation": {**unsigned, "proof": proof}})
        assert not verdict.verified
        assert ("message.form", place) in {(p.code, p.pointer) for p in verdict.problems}

    @pytest.mark.parametrize(
        ("edit", "place"),
        [
            (lambda p: p.update(proof=[p["proof"]]), "/proof"),
            (lambda p: p.update(proof=[p["proof"], p["proof"]]), "/proof"),
            (lambda p: p["proof"].update(x="y"), "/proof/x"),
            (lambda p: p["proof"].update({"@context": [*p["@context"], CREDENTIALS]}), "/proof/@context"),
            (lambda p: p["proof"].update({"https://w3id.org/security#expiration": p["proof"].pop("expires")}), None),
        ],
    )
    def test_it_has_one_proof_with_known_members(
        self, counter: Verifier, request_: PresentationRequest, edit: Callable[[Json], object], place: str | None
    ) -> None:
        message = presented(request_, issued(identity_card()))
        edit(message["verifiablePresentation"])
        verdict = counter.verify(message)
        assert not verdict.verified
        found = [p.pointer for p in verdict.problems if p.code == "message.form"]
        assert found if place is None else place in found

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"expires": None}, "policy.expires_missing"),
            ({"expires": NOW + timedelta(seconds=361)}, "policy.expires_late"),
            ({"expires": NOW + timedelta(days=365)}, "policy.expires_late"),
            ({"created": False}, "policy.created_missing"),
            ({"created": NOW - timedelta(seconds=361)}, "policy.too_old"),
            ({"created": NOW + timedelta(seconds=61)}, "proof.created"),
            ({"created": NOW - timedelta(seconds=301), "expires": NOW}, "proof.expired"),
        ],
    )
    def test_it_was_just_made_and_ends_soon(
        self, counter: Verifier, request_: PresentationRequest, change: Json, code: str
    ) -> None:
        message = presented(request_, issued(identity_card()))
        unsigned = {name: value for name, value in message["verifiablePresentation"].items() if name != "proof"}
        verdict = counter.verify({**message, "verifiablePresentation": signed(unsigned, request_, **change)})
        assert codes(verdict) == [code]

    def test_the_clocks_may_differ_by_a_minute(self, counter: Verifier, request_: PresentationRequest) -> None:
        message = presented(request_, issued(identity_card()))
        unsigned = {name: value for name, value in message["verifiablePresentation"].items() if name != "proof"}
        ahead = {"created": NOW + timedelta(seconds=60), "expires": NOW + timedelta(seconds=360)}
        verdict = counter.verify({**message, "verifiablePresentation": signed(unsigned, request_, **ahead)})
        assert verdict.verified, verdict.problems


def test_every_entrance_refuses_alike(world: World, counter: Verifier, request_: PresentationRequest) -> None:
    """The page, the scanned symbol and the command hand the counter one of these."""
    message = presented(request_, careless("/validUntil"))
    forms = [
        message,
        json.dumps(message),
        json.dumps(message).encode(),
        read(message),
        message["verifiablePresentation"],
    ]
    for form in forms:
        for verdict in (counter.verify(form), counter.verify(form, request_), asyncio.run(counter.verify_async(form))):
            assert ("card.member_missing", "/validUntil") in places(verdict)
            assert verdict.effect is None
    assert counter.verify(presented(request_, issued(identity_card()))).verified  # The request is not burnt.


class TestTheLists:
    """The lists themselves, for every kind of card."""

    @pytest.mark.parametrize("card", CARDS.every(), ids=lambda card: card.kind)
    def test_every_kind_shows_who_issued_it_until_when_and_where_its_status_is(self, card: Any) -> None:
        members = members_shown(card)
        limits = {"issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema"}
        assert members.must == limits | {"@context", "type", "credentialSubject", "proof"}
        assert {"id", "type"} <= members.inside["credentialSubject"].must
        assert set(card.claims) <= members.inside["credentialSubject"].may
        claims = claims_shown(card)
        assert {"vct", "iss", "sub", "cnf", "nbf", "exp"} <= claims.must
        assert claims.either == (frozenset({"status", "credentialStatus"}),)

    @pytest.mark.parametrize(
        "value", [None, [], {}, "x", 7, [None], {"proof": {}}, {1: 2}, {"credentialSubject": [[]]}]
    )
    def test_any_form_is_judged_and_none_is_a_card(self, value: Any) -> None:
        for found in (
            check_shown(CARD, value) if isinstance(value, dict) else [1],
            check_claims_shown(CARD, value) if isinstance(value, dict) else [1],
            check_presentation_shown(value) if isinstance(value, dict) else [1],
        ):
            assert 0 < len(found) <= 64

    def test_many_unknown_members_are_not_all_listed(self) -> None:
        assert len(check_shown(CARD, {f"x{index}": 1 for index in range(10_000)})) == 64


class TestSdJwts:
    def payload(self) -> Json:
        card = issued(identity_card())
        unsecured = {name: value for name, value in card.items() if name not in ("proof", "credentialStatus")}
        return {
            **to_claims(unsecured),
            "iat": 1,
            "status": {"status_list": {"idx": 1, "uri": "https://x.example/1"}},
            "cnf": {"jwk": {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}},
        }

    def test_an_honest_card_has_what_it_must(self) -> None:
        assert check_claims_shown(CARD, self.payload()) == []
        assert self.payload()["vct"] == vct_of(CARD)

    @pytest.mark.parametrize("name", ["iss", "sub", "nbf", "exp", "cnf", "status", "vct"])
    def test_what_is_left_out_is_missed(self, name: str) -> None:
        payload = self.payload()
        del payload[name]
        place = "/credentialStatus" if name == "status" else f"/{name}"
        assert [(p.code, p.pointer) for p in check_claims_shown(CARD, payload)] == [("card.member_missing", place)]

    @pytest.mark.parametrize(
        ("edit", "place"),
        [
            (lambda c: c.update(rank="x"), "/rank"),
            (lambda c: c.update({"@context": []}), "/@context"),
            (lambda c: c.update(validUntil="2099-01-01T00:00:00Z"), "/validUntil"),
            (lambda c: c.update(vc={}), "/vc"),
            (lambda c: c["cnf"].update(kid="did:example:x"), "/cnf/kid"),
            (lambda c: c["cnf"]["jwk"].update(d="x"), "/cnf/jwk/d"),
            (lambda c: c["status"].update(other={}), "/status/other"),
            (lambda c: c["status"]["status_list"].update(ttl=1), "/status/status_list/ttl"),
            (lambda c: c["portrait"].update(other=1), "/portrait/other"),
            (lambda c: c["issuingAgency"].update(other=1), "/issuingAgency/other"),
            (lambda c: c.update(issuer={"id": c["iss"], "url": "x"}), "/issuer/url"),
        ],
    )
    def test_what_a_card_does_not_have_is_refused(self, edit: Callable[[Json], object], place: str) -> None:
        payload = copy.deepcopy(self.payload())
        edit(payload)
        assert [(p.code, p.pointer) for p in check_claims_shown(CARD, payload)] == [("card.member_unknown", place)]

    def test_a_status_that_says_nothing_of_revocation_is_none(self) -> None:
        payload = self.payload()
        del payload["status"]
        for purposes, found in (
            (["revocation", "suspension"], []),
            (["suspension"], [("card.member_missing", "/credentialStatus")]),
        ):
            entries = [status_entry(LISTS[purpose], INDEX, purpose) for purpose in purposes]
            problems = check_claims_shown(CARD, {**payload, "credentialStatus": entries})
            assert [(p.code, p.pointer) for p in problems] == found

    @pytest.mark.parametrize("name", ["exp", "nbf", "iss", "sub"])
    def test_a_value_of_another_kind_is_refused(self, name: str) -> None:
        for wrong in ({"@value": 1}, [1], None):
            found = check_claims_shown(CARD, {**self.payload(), name: wrong})
            assert ("card.form", f"/{name}") in [(p.code, p.pointer) for p in found]
