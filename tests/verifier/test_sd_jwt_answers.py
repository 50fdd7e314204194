"""The counter judges cards as SD-JWTs as it judges JSON-LD: what it accepts, and each reason to refuse one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

import vc
from did import SoftwareKey
from vc.cards import CARDS
from vc.cards.formats import FORMATS
from vc.cards.formats.sd_jwt_vc import to_claims
from vc.cards.message import build
from vc.cards.portrait import digest_multibase
from vc.envelope.jws import dumps
from vc.problems import ProblemError
from vc.scenarios import PresentationRequest
from vc.status import StatusUnavailable, TokenStatusList, issue_status_list_jwt
from verifier import Verifier

from .conftest import (
    HOTEL,
    INDEX,
    NOW,
    PHONE,
    PORTRAIT,
    SICHUAN,
    World,
    household_page,
    identity_card,
    issued,
    member_page,
    outcomes,
    trust_list,
)


def codes(verdict: vc.Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


URI = "https://sc.example/status/token/1"
OTHER = SoftwareKey.from_seed("P-256", b"somebody else in the tests of the verifier")
FORM = "dc+sd-jwt"


class TokenLists:
    """The token status list of Sichuan, signed when it is asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.status = 0
        self.offline = False

    def get(self, url: str) -> bytes:
        if self.offline or url != URI:
            raise StatusUnavailable("out of reach")
        found = TokenStatusList(131_072, bits=2)
        found[INDEX] = self.status
        now = self.world.clock()
        token = issue_status_list_jwt(
            found, SICHUAN, uri=URI, issued_at=now - timedelta(minutes=1), expires=now + timedelta(days=1)
        )
        return token.encode()

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


def as_sd_jwt(credential: dict[str, Any], *, issuer: SoftwareKey = SICHUAN, device: Any = PHONE, **change: Any) -> str:
    """A card as an authority makes it an SD-JWT VC; ``change`` replaces claims."""
    unsecured = {name: value for name, value in credential.items() if name not in ("proof", "credentialStatus")}
    claims = {**to_claims(unsecured), "status": {"status_list": {"idx": INDEX, "uri": URI}}, **change}
    claims = {name: value for name, value in claims.items() if value is not None}
    if "issuer_claim" in claims:
        claims["issuer"] = claims.pop("issuer_claim")
    claims.setdefault("iat", claims["nbf"])
    definition = CARDS.of_credential(credential)
    assert definition is not None
    hidden = [f"/{c.term}" for c in definition.claims.values() if c.disclosure != "M" and c.term in claims]
    key = device.public_key if device is not None else None
    return str(vc.issue_enveloped(claims, issuer, envelope=FORM, disclosable=hidden, holder_key=key))


def shown(
    world: World,
    request: PresentationRequest,
    *cards: tuple[dict[str, Any], str],
    phone: SoftwareKey | None = PHONE,
    extra: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    **change: Any,
) -> list[str]:
    """What a wallet derives for ``request`` from cards in both forms; ``change`` replaces arguments of the binding."""
    derived = []
    for credential, secured in cards or (default(),):
        definition = CARDS.of_credential(credential)
        assert definition is not None
        asked = next((entry for entry in request.cards if entry.type == definition.type), None)
        terms = [claim.term for claim in asked.claims] if asked else []
        names = [term for term in [*terms, *extra] if term in credential["credentialSubject"] and term not in without]
        options = {"challenge": request.challenge, "domain": request.domain, "now": world.clock(), "signer": phone}
        if phone is None:
            options = {}
        derived.append(vc.derive_enveloped(secured, [f"/{name}" for name in names], **{**options, **change}))
    return derived


def default(**change: Any) -> tuple[dict[str, Any], str]:
    credential = issued(identity_card())
    return credential, as_sd_jwt(credential, **change)


def message(texts: list[str]) -> dict[str, Any]:
    return build(FORMATS[FORM].read(texts, CARDS), [PORTRAIT]).to_dict()


@pytest.fixture
def lists(world: World) -> TokenLists:
    return TokenLists(world)


@pytest.fixture
def desk(world: World, lists: TokenLists) -> Verifier:
    return world.counter(status=vc_status(lists))


def vc_status(lists: TokenLists) -> Any:
    from vc.status import StatusChecker

    return StatusChecker(lists)


@pytest.fixture
def asked(desk: Verifier) -> PresentationRequest:
    return desk.request("hotel-check-in", envelope=FORM)


def test_a_good_answer_is_accepted_with_the_same_effect_as_json_ld(
    desk: Verifier, world: World, asked: PresentationRequest
) -> None:
    verdict = desk.verify(json.dumps(message(shown(world, asked))).encode())
    assert verdict.verified, verdict.problems
    for name in ("request", "trust", "portrait", "proof", "holder_binding", "status", "card", "scenario", "region"):
        assert outcomes(verdict)[name] == "passed", name
    assert outcomes(verdict)["freshness"] == outcomes(verdict)["replay"] == "passed"
    effect = verdict.effect
    assert effect is not None
    assert (effect.scenario, effect.cards[0][0], effect.at) == (
        "hotel-check-in",
        "ResidentIdentityCardCredential",
        NOW,
    )
    assert verdict.document is not None
    subject = verdict.document["verifiableCredential"][0]["credentialSubject"]
    assert subject["name"] == "王小明" and "birthDate" not in subject
    assert verdict.portraits == {"/verifiableCredential/0/credentialSubject/portrait": PORTRAIT}


def test_it_is_accepted_once_and_no_other_answer_to_the_request_is(
    desk: Verifier, world: World, asked: PresentationRequest
) -> None:
    sent = message(shown(world, asked))
    assert desk.verify(sent).verified
    assert codes(desk.verify(sent)) == {"replay.used"}
    assert codes(desk.verify(message(shown(world, asked)))) == {"replay.used"}
    assert desk.answered(asked)
    again = desk.request("hotel-check-in", envelope=FORM)
    assert not desk.verify(sent, again).verified


def test_several_cards_of_one_device_do_the_job(desk: Verifier, world: World) -> None:
    asked = desk.request("property-registration", envelope=FORM)
    pages = [issued(card) for card in (identity_card(), household_page(), member_page())]
    cards = [(page, as_sd_jwt(page)) for page in pages]
    verdict = desk.verify(message(shown(world, asked, *cards)))
    assert verdict.verified, verdict.problems


def test_cards_of_two_devices_are_refused(desk: Verifier, world: World) -> None:
    asked = desk.request("property-registration", envelope=FORM)
    mine = [issued(card) for card in (identity_card(), household_page())]
    other = issued(member_page(), device=OTHER.did)
    texts = shown(world, asked, *[(page, as_sd_jwt(page)) for page in mine])
    texts += shown(world, asked, (other, as_sd_jwt(other, device=OTHER)), phone=OTHER)
    assert "holder.binding" in codes(desk.verify(message(texts)))


@pytest.mark.parametrize(("status", "code"), [(1, "status.revoked"), (2, "status.suspended")])
def test_a_card_whose_status_is_set_is_refused(
    desk: Verifier, world: World, asked: PresentationRequest, lists: TokenLists, status: int, code: str
) -> None:
    lists.status = status
    assert codes(desk.verify(message(shown(world, asked)))) == {code}


def test_without_its_status_list_it_is_undecided(
    desk: Verifier, world: World, asked: PresentationRequest, lists: TokenLists
) -> None:
    lists.offline = True
    verdict = desk.verify(message(shown(world, asked)))
    assert not verdict.verified and verdict.indeterminate


def test_an_old_card_is_fresh_enough_by_a_status_that_was_just_published(desk: Verifier, world: World) -> None:
    old = issued(identity_card(), day=date(2026, 11, 1))
    for secured, good in ((as_sd_jwt(old), True), (as_sd_jwt(old, status=None), False)):
        asked = desk.request("hotel-check-in", envelope=FORM)
        verdict = desk.verify(message(shown(world, asked, (old, secured))))
        assert verdict.verified is good
        assert good or codes(verdict) == {"card.member_missing"}


Make = Callable[[World, PresentationRequest], list[str]]
REFUSED: dict[str, tuple[Make, set[str]]] = {
    "without a key binding": (lambda w, r: shown(w, r, phone=None), {"request.unknown"}),
    "for another verifier": (lambda w, r: shown(w, r, domain="https://other.example"), {"proof.domain"}),
    "made too long ago": (lambda w, r: shown(w, r, now=NOW - timedelta(minutes=7)), {"proof.expired"}),
    "made in the future": (lambda w, r: shown(w, r, now=NOW + timedelta(minutes=7)), {"proof.created"}),
    "by an issuer that nobody trusts": (
        lambda w, r: shown(w, r, _by(OTHER)),
        {"trust.issuer"},
    ),
    "in the name of a trusted issuer": (lambda w, r: shown(w, r, _by(OTHER, name=SICHUAN.did)), {"method.invalid"}),
    "in the name of a trusted issuer beside the one who signed": (
        lambda w, r: shown(w, r, _by(OTHER, beside=SICHUAN.did)),
        {"envelope.claims"},
    ),
    "that names another device as its subject": (
        lambda w, r: shown(w, r, default(sub=OTHER.did)),
        {"holder.binding"},
    ),
    "that is bound to nothing": (lambda w, r: [_unbound(w, r)], {"request.unknown"}),
    "with too little": (lambda w, r: shown(w, r, without=("name",)), {"scenario.claim_missing"}),
    "that has ended": (lambda w, r: shown(w, r, default(exp=int(NOW.timestamp()) - 3600)), {"period.over"}),
}


def _by(issuer: SoftwareKey, name: str | None = None, beside: str | None = None) -> tuple[dict[str, Any], str]:
    credential = {**issued(identity_card()), "issuer": name or issuer.did}
    if beside is not None:
        return credential, as_sd_jwt(credential, issuer=issuer, issuer_claim={"id": beside, "name": "四川省公安厅"})
    if name is None:
        return credential, as_sd_jwt(credential, issuer=issuer)
    forged = issuer.with_controller(name, f"{name}#{issuer.public_key.to_multikey()}")
    return credential, as_sd_jwt(credential, issuer=forged)


def _unbound(world: World, request: PresentationRequest) -> str:
    credential = issued(identity_card())
    secured = as_sd_jwt(credential, device=None)
    return vc.derive_enveloped(secured, ["/name", "/portrait"])


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_is_refused(desk: Verifier, world: World, asked: PresentationRequest, name: str) -> None:
    make, expected = REFUSED[name]
    try:
        sent = message(make(world, asked))
    except vc.ProblemError:  # What a wallet could not even build.
        sent = {"sdJwts": make(world, asked)}
    verdict = desk.verify(sent)
    assert not verdict.verified and expected <= codes(verdict), verdict.problems
    assert verdict.effect is None and verdict.portraits == {}
    # It did not burn the request.
    assert desk.verify(message(shown(world, asked))).verified


def test_one_card_without_a_binding_beside_a_good_one_is_refused(
    desk: Verifier, world: World, asked: PresentationRequest
) -> None:
    texts = shown(world, asked) + shown(world, asked, phone=None)
    verdict = desk.verify(message(texts))
    assert not verdict.verified and "proof.challenge" in codes(verdict)
    assert desk.verify(message(texts), asked).verified is False


def test_a_card_that_was_seen_can_not_be_shown_by_somebody_else(
    desk: Verifier, world: World, asked: PresentationRequest
) -> None:
    (text,) = shown(world, asked)
    stolen = text[: text.rindex("~") + 1]
    thief = shown(
        world, asked, (issued(identity_card()), as_sd_jwt(issued(identity_card()), device=OTHER)), phone=OTHER
    )
    verdict = desk.verify(message([stolen + thief[0].rsplit("~", 1)[1]]))
    assert not verdict.verified and "sd_jwt.binding" in codes(verdict)


def test_the_answer_has_to_be_in_the_form_that_was_asked_for(desk: Verifier, world: World) -> None:
    plain = desk.request("hotel-check-in")
    verdict = desk.verify(message(shown(world, plain)))
    assert codes(verdict) == {"message.form"} and outcomes(verdict)["request"] == "failed"
    asked = desk.request("hotel-check-in", envelope=FORM)
    assert codes(desk.verify(world.answer(asked))) == {"message.form"}


def test_claims_that_nobody_asked_for_are_warned_about(
    desk: Verifier, world: World, asked: PresentationRequest
) -> None:
    verdict = desk.verify(message(shown(world, asked, extra=("sex",))))
    assert verdict.verified
    assert "scenario.claim_extra" in {warning.code for warning in verdict.warnings}


def test_a_portrait_has_to_come_along(desk: Verifier, world: World, asked: PresentationRequest) -> None:
    sent = message(shown(world, asked))
    without = {name: value for name, value in sent.items() if name != "attachments"}
    assert codes(desk.verify(without)) == {"portrait.missing"}
    other = {**sent, "attachments": {digest_multibase(b"x"): {"mediaType": "image/jpeg", "data": "eA"}}}
    assert not desk.verify(other).verified


def test_the_trust_list_counts(world: World, lists: TokenLists) -> None:
    entry = {"did": SICHUAN.did, "name": "x", "cardType": ["ResidencePermitCredential"], "region": ["510000"]}
    counter = world.counter(status=vc_status(lists), trust=trust_list(issuers=[entry]))
    asked = counter.request("hotel-check-in", envelope=FORM)
    assert codes(counter.verify(message(shown(world, asked)))) == {"trust.card"}


def _jwt() -> str:
    unsecured = {name: value for name, value in issued(identity_card()).items() if name != "proof"}
    return str(vc.issue_enveloped(unsecured, SICHUAN))


def _vc_sd_jwt() -> str:
    unsecured = {name: value for name, value in issued(identity_card()).items() if name != "proof"}
    return str(vc.issue_enveloped(unsecured, SICHUAN, envelope="vc+sd-jwt", holder_key=PHONE.public_key))


UNREADABLE: dict[str, Any] = {
    "no cards": {"sdJwts": []},
    "too many cards": {"sdJwts": ["a.b.c~"] * 9},
    "a text": {"sdJwts": "a.b.c~"},
    "numbers": {"sdJwts": [1, None]},
    "words": {"sdJwts": ["hello"]},
    "an empty text": {"sdJwts": [""]},
    "no JWT": {"sdJwts": ["a.b.c~"]},
    "half a JWT": {"sdJwts": ["eyJhbGciOiJFUzI1NiJ9.e30~"]},
    "a JWT": {"sdJwts": [_jwt()]},
    "another form of SD-JWT": {"sdJwts": [_vc_sd_jwt()]},
    "another type": {"sdJwts": [vc.issue_enveloped({"vct": "urn:x"}, SICHUAN, envelope=FORM)]},
    "a member more": {"sdJwts": ["a.b.c~"], "verifiablePresentation": {}},
    "attachments that are a list": {"sdJwts": [default()[1]], "attachments": []},
    "an attachment of another digest": {
        "sdJwts": [default()[1]],
        "attachments": {digest_multibase(PORTRAIT): {"mediaType": "image/jpeg", "data": "eA"}},
    },
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_message_is_refused_before_anything_else(desk: Verifier, name: str) -> None:
    for given in (UNREADABLE[name], json.dumps(UNREADABLE[name])):
        verdict = desk.verify(given)
        assert not verdict.verified and verdict.checks[0].name == "parse"
        assert verdict.checks[0].outcome.value == "failed"


@pytest.mark.parametrize(
    "claims",
    [
        {"name": 7},
        {"portrait": "x"},
        {"nbf": "soon"},
        {"exp": 10**12},
        {"sub": 5},
        {"cnf": {"jwk": {"kty": "EC"}}},
        {"issuer": []},
        {"status": "good"},
        {"issuingProvince": []},
    ],
    ids=str,
)
def test_a_genuine_card_that_makes_no_sense_is_refused_and_no_defect(
    desk: Verifier, world: World, asked: PresentationRequest, claims: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    payload = {**to_claims({k: v for k, v in issued(identity_card()).items() if k != "proof"}), **claims}
    payload.setdefault("cnf", {"jwk": PHONE.public_key.to_jwk()})
    from vc.envelope import jws, sd_jwt

    header = {"typ": FORM, "kid": SICHUAN.verification_method}
    secured = jws.compact(header, dumps(payload), SICHUAN) + "~"
    bound = sd_jwt.bind_text(secured, "sha-256", PHONE, nonce=asked.challenge, audience=asked.domain, now=world.clock())
    verdict = desk.verify({"sdJwts": [bound]})
    assert not verdict.verified
    assert not caplog.messages, caplog.messages


def test_an_explanation_has_every_card(desk: Verifier, world: World, asked: PresentationRequest) -> None:
    verdict = desk.verify(message(shown(world, asked)), explain=True)
    assert verdict.trace is not None
    assert verdict.trace["proofs"][0]["pointer"] == "/verifiableCredential/0"


def test_a_request_says_which_form_it_wants(desk: Verifier, asked: PresentationRequest) -> None:
    document = asked.to_dict()
    assert document["envelope"] == FORM and document["verifier"]["id"] == HOTEL
    assert PresentationRequest.from_dict(document) == asked
    assert "envelope" not in desk.request("hotel-check-in").to_dict()
    with pytest.raises(vc.ProblemError) as refused:
        PresentationRequest.from_dict({**document, "envelope": "vc+cose"})
    assert refused.value.problems[0].pointer == "/envelope"


@pytest.mark.parametrize("envelope", ["", "json-ld", "vc+sd-jwt", "DC+SD-JWT"])
def test_cards_are_asked_for_in_no_other_envelope(desk: Verifier, envelope: str) -> None:
    with pytest.raises(ProblemError) as refused:
        desk.request("hotel-check-in", envelope=envelope)
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [("request.form", "/envelope")]
