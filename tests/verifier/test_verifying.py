"""The counter judges an answer: what it accepts, and each reason to refuse one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vc
from did import SoftwareKey
from vc.cards import message as messages
from vc.checks.environment import Environment
from vc.scenarios import SCENARIOS, PresentationRequest
from vc.securing import add_proof
from verifier import RequestBook, TrustList, Verifier

from .conftest import (
    ANCHOR,
    DOMAIN,
    HOTEL,
    INDEX,
    NOW,
    PHONE,
    PORTRAIT,
    SICHUAN,
    World,
    codes,
    household_page,
    identity_card,
    issued,
    member_page,
    outcomes,
    tampered,
    trust_list,
)

MESSAGE = dict[str, Any]


@pytest.fixture
def request_(counter: Verifier) -> PresentationRequest:
    return counter.request("hotel-check-in")


@pytest.fixture
def message(world: World, request_: PresentationRequest) -> MESSAGE:
    return world.answer(request_)


def test_a_good_answer_is_accepted_with_its_effect(counter: Verifier, message: MESSAGE) -> None:
    verdict = counter.verify(message)
    assert verdict.verified
    assert verdict.problems == ()
    assert set(outcomes(verdict).values()) <= {"passed", "not applicable"}
    for name in ("request", "trust", "portrait", "proof", "holder_binding", "status", "card", "scenario", "region"):
        assert outcomes(verdict)[name] == "passed"
    assert outcomes(verdict)["freshness"] == outcomes(verdict)["replay"] == "passed"
    effect = verdict.effect
    assert effect is not None
    assert (effect.scenario, effect.regions[0][0], effect.cards[0][0], effect.at) == (
        "hotel-check-in",
        "510000",
        "ResidentIdentityCardCredential",
        NOW,
    )
    assert "不在一般意义上替代实体证件" in effect.notice.zh
    assert "does not replace the physical card" in effect.notice.en
    assert verdict.portraits == {"/verifiableCredential/0/credentialSubject/portrait": PORTRAIT}
    assert json.loads(json.dumps(verdict.to_dict()))["effect"]["scenario"] == "hotel-check-in"


@pytest.mark.parametrize("form", ["bytes", "text", "mapping", "message"])
def test_the_answer_may_come_in_any_form(counter: Verifier, message: MESSAGE, form: str) -> None:
    text = json.dumps(message)
    forms: dict[str, Any] = {
        "bytes": text.encode(),
        "text": text,
        "mapping": message,
        "message": messages.read(message),
    }
    assert counter.verify(forms[form]).verified


async def test_the_asynchronous_twin_finds_the_same(counter: Verifier, message: MESSAGE) -> None:
    assert (await counter.verify_async(message)).verified
    assert codes(await counter.verify_async(message)) == ["replay.used"]


def test_the_message_is_not_changed(counter: Verifier, message: MESSAGE) -> None:
    before = json.dumps(message)
    counter.verify(message)
    assert json.dumps(message) == before


class TestOnce:
    def test_the_same_answer_is_refused_the_second_time(self, counter: Verifier, message: MESSAGE) -> None:
        assert counter.verify(message).verified
        again = counter.verify(message)
        assert codes(again) == ["replay.used"]
        assert again.effect is None
        assert again.portraits == {}

    def test_a_second_answer_to_the_same_request_is_refused(
        self, world: World, counter: Verifier, request_: PresentationRequest
    ) -> None:
        assert counter.verify(world.answer(request_)).verified
        assert codes(counter.verify(world.answer(request_))) == ["replay.used"]

    def test_another_desk_of_the_same_operator_refuses_it_too(self, world: World, message: MESSAGE) -> None:
        assert world.counter().verify(message).verified
        assert codes(world.counter().verify(message)) == ["replay.used"]

    def test_an_answer_that_failed_does_not_burn_the_request(self, counter: Verifier, message: MESSAGE) -> None:
        def edit(m: MESSAGE) -> None:
            m["verifiablePresentation"]["verifiableCredential"][0]["credentialSubject"]["name"] = "王大明"

        assert not counter.verify(tampered(message, edit)).verified
        assert counter.verify(message).verified

    def test_without_the_record_of_used_presentations_nothing_is_accepted(
        self, world: World, counter: Verifier, request_: PresentationRequest, message: MESSAGE
    ) -> None:
        (world.path / "verifier.db").write_bytes(b"this is no database" * 100)
        verdict = counter.verify(message, request_)
        assert not verdict.verified
        assert outcomes(verdict)["replay"] == "indeterminate"
        undecided = counter.verify(message)
        assert outcomes(undecided)["request"] == "indeterminate"


class TestRequests:
    def test_an_answer_to_no_request_is_refused(self, world: World, counter: Verifier) -> None:
        foreign = SCENARIOS["hotel-check-in"].request(HOTEL, "x", "n3Kx8pQ0vT5yR2mW", DOMAIN, NOW)
        assert codes(counter.verify(world.answer(foreign))) == ["request.unknown"]

    def test_it_is_accepted_when_the_request_is_given(self, world: World, counter: Verifier) -> None:
        elsewhere = SCENARIOS["hotel-check-in"].request(HOTEL, "x", "n3Kx8pQ0vT5yR2mW", DOMAIN, NOW)
        assert counter.verify(world.answer(elsewhere), elsewhere).verified

    def test_the_request_of_another_verifier_is_refused(self, world: World, counter: Verifier) -> None:
        for did, domain in ((HOTEL, "https://other.example"), ("did:web:other.example", DOMAIN)):
            foreign = SCENARIOS["hotel-check-in"].request(did, "x", "n3Kx8pQ0vT5yR2mW", domain, NOW)
            assert codes(counter.verify(world.answer(foreign), foreign)) == ["request.foreign"]

    @pytest.mark.parametrize("seconds", [300, 301, 360, 3000])
    def test_after_300_seconds_it_is_too_late(
        self, world: World, counter: Verifier, message: MESSAGE, seconds: int
    ) -> None:
        world.clock.advance(seconds=seconds)
        assert codes(counter.verify(message)) == ["request.expired"]

    def test_just_before_it_is_not(self, world: World, counter: Verifier, message: MESSAGE) -> None:
        world.clock.advance(seconds=299)
        assert counter.verify(message).verified

    def test_a_presentation_that_expires_sooner_is_refused_sooner(
        self, world: World, counter: Verifier, request_: PresentationRequest
    ) -> None:
        message = world.answer(request_, expires_in=30)
        world.clock.advance(seconds=31)
        assert codes(counter.verify(message)) == ["proof.expired"]

    def test_each_request_has_a_challenge_of_its_own(self, counter: Verifier) -> None:
        made = {counter.request("hotel-check-in").challenge for _ in range(20)}
        assert len(made) == 20
        assert all(len(challenge) == 32 for challenge in made)

    def test_an_unknown_scenario_is_refused(self, counter: Verifier) -> None:
        with pytest.raises(vc.ProblemError) as raised:
            counter.request("palace")
        assert raised.value.code == "scenario.unknown"

    def test_a_variant_the_scenario_does_not_have_is_refused(self, counter: Verifier) -> None:
        with pytest.raises(ValueError, match="variant"):
            counter.request("senior-discount", variant="law")

    def test_a_request_made_with_an_older_scenario_is_refused(self, world: World, counter: Verifier) -> None:
        data = counter.request("hotel-check-in").to_dict()
        older = PresentationRequest.from_dict({**data, "scenarioVersion": 99})
        assert codes(counter.verify(world.answer(older), older)) == ["scenario.version"]

    def test_the_book_of_requests_forgets_old_ones(self, world: World) -> None:
        book = RequestBook(world.path / "verifier.db")
        counter = world.counter(requests=book)
        old = counter.request("hotel-check-in")
        assert book.find(old.challenge) == old
        world.clock.advance(hours=3)
        counter.request("hotel-check-in")
        assert book.find(old.challenge) is None


class TestIntegrity:
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("credentialSubject", "name"), "王大明"),
            (("credentialSubject", "ageOver18"), False),
            (("credentialSubject", "issuingProvince"), "500000"),
            (("validUntil",), "2099-01-01T00:00:00+08:00"),
            (("credentialStatus", 0, "statusListIndex"), "5"),
        ],
    )
    def test_a_changed_claim_is_refused(
        self, world: World, request_: PresentationRequest, message: MESSAGE, path: tuple[Any, ...], value: Any
    ) -> None:
        trust = trust_list(issuers=[{**_issuer(), "region": ["510000", "500000"]}])

        def edit(m: MESSAGE) -> None:
            node = m["verifiablePresentation"]["verifiableCredential"][0]
            for token in path[:-1]:
                node = node[token]
            assert node[path[-1]] != value
            node[path[-1]] = value

        verdict = world.counter(trust=trust).verify(tampered(message, edit))
        assert not verdict.verified
        assert "proof.signature" in codes(verdict)

    def test_a_claim_that_was_taken_away_is_missed(self, counter: Verifier, message: MESSAGE) -> None:
        def edit(m: MESSAGE) -> None:
            del m["verifiablePresentation"]["verifiableCredential"][0]["credentialSubject"]["name"]

        assert not counter.verify(tampered(message, edit)).verified

    def test_another_phones_key_is_refused(
        self, world: World, counter: Verifier, request_: PresentationRequest
    ) -> None:
        thief = SoftwareKey.from_seed("P-256", b"another phone")
        verdict = counter.verify(world.answer(request_, phone=thief))
        assert codes(verdict)[0] == "holder.binding"
        assert outcomes(verdict)["holder_binding"] == "failed"

    def test_a_card_that_is_bound_to_no_phone_is_refused(
        self, world: World, counter: Verifier, request_: PresentationRequest
    ) -> None:
        unbound = issued(identity_card(), device=None)  # type: ignore[arg-type]
        verdict = counter.verify(world.answer(request_, unbound))
        assert [(p.code, p.pointer) for p in verdict.problems] == [
            ("card.member_missing", "/verifiableCredential/0/credentialSubject/id")
        ]

    def test_another_challenge_or_domain_is_refused(
        self, world: World, counter: Verifier, request_: PresentationRequest
    ) -> None:
        other = counter.request("hotel-check-in")
        assert "proof.challenge" in codes(counter.verify(world.answer(request_), other))
        for_another = world.answer(request_, domain="https://other.example")
        assert "proof.domain" in codes(counter.verify(for_another))

    def test_a_bare_card_is_no_presentation(self, counter: Verifier) -> None:
        card = issued(identity_card())
        assert codes(counter.verify(card)) == ["message.form"]
        assert codes(counter.verify({"verifiablePresentation": card})) == ["message.form"]

    def test_a_card_with_its_base_proof_is_refused(
        self, world: World, counter: Verifier, request_: PresentationRequest
    ) -> None:
        presentation = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": PHONE.did,
            "verifiableCredential": [issued(identity_card())],
        }
        config = {
            "created": NOW,
            "expires": NOW + timedelta(seconds=300),
            "proofPurpose": "authentication",
            "challenge": request_.challenge,
            "domain": DOMAIN,
        }
        signed = add_proof(presentation, PHONE, cryptosuite=None, config=config, options=None, env=Environment())
        message = messages.Message(signed, messages.read(world.answer(request_)).attachments)
        assert codes(counter.verify(message)) == ["proof.base"]

    def test_a_presentation_without_a_proof_answers_no_request(self, counter: Verifier, message: MESSAGE) -> None:
        for proof in (None, [], {}, "x", [None], [{"challenge": 5}]):  # type: ignore[var-annotated]

            def edit(m: MESSAGE, proof: Any = proof) -> None:
                m["verifiablePresentation"]["proof"] = proof

            assert codes(counter.verify(tampered(message, edit))) == ["request.unknown"]


class TestPortraits:
    def test_the_portrait_must_come_along(self, counter: Verifier, message: MESSAGE) -> None:
        assert codes(counter.verify(tampered(message, lambda m: m.pop("attachments")))) == ["portrait.missing"]

    def test_another_picture_is_refused(self, counter: Verifier, message: MESSAGE) -> None:
        other = messages.Message(message["verifiablePresentation"], {"z": b"\xff\xd8\xffx"})
        assert "portrait.missing" in codes(counter.verify(other))
        digest = next(iter(message["attachments"]))
        swapped = messages.Message(message["verifiablePresentation"], {digest: b"\xff\xd8\xffx"})
        assert codes(counter.verify(swapped)) == ["portrait.digest"]


class TestStatus:
    @pytest.mark.parametrize(
        ("purpose", "code"), [("revocation", "status.revoked"), ("suspension", "status.suspended")]
    )
    def test_a_card_that_was_taken_back_is_refused(
        self, world: World, counter: Verifier, message: MESSAGE, purpose: str, code: str
    ) -> None:
        world.lists.set[purpose] = [INDEX]
        assert codes(counter.verify(message)) == [code]

    def test_a_suspension_that_was_lifted_is_forgotten(self, world: World, counter: Verifier) -> None:
        world.lists.set["suspension"] = [INDEX]
        assert not counter.verify(world.answer(counter.request("hotel-check-in"))).verified
        world.lists.set.clear()
        world.clock.advance(minutes=6)
        assert counter.verify(world.answer(counter.request("hotel-check-in"))).verified

    def test_without_the_list_it_is_undecided_and_not_accepted(
        self, world: World, counter: Verifier, message: MESSAGE
    ) -> None:
        world.lists.offline = True
        verdict = counter.verify(message)
        assert codes(verdict) == ["status.retrieval", "status.retrieval"]
        assert verdict.indeterminate

    def test_no_status_checker_means_undecided_not_good(self, world: World, message: MESSAGE) -> None:
        verdict = world.counter(status=None).verify(message)
        assert verdict.indeterminate

    @pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 1)])
    def test_a_card_without_a_status_is_refused_however_young(self, world: World, counter: Verifier, day: date) -> None:
        card = issued(identity_card(), day=day, status=False)
        verdict = counter.verify(world.answer(counter.request("hotel-check-in"), card))
        assert codes(verdict) == ["card.member_missing"]
        assert verdict.problems[0].pointer == "/verifiableCredential/0/credentialStatus"

    def test_an_old_card_needs_a_fresh_status(self, world: World, counter: Verifier) -> None:
        old = issued(identity_card(), day=date(2026, 11, 1))
        assert counter.verify(world.answer(counter.request("hotel-check-in"), old)).verified
        world.lists.published = timedelta(hours=25)
        counter = world.counter()
        verdict = counter.verify(world.answer(counter.request("hotel-check-in"), old))
        assert (codes(verdict), outcomes(verdict)["freshness"]) == (["scenario.stale"], "failed")

    def test_a_card_that_ended_is_refused(self, world: World, counter: Verifier) -> None:
        ended = issued(identity_card(), day=date(2026, 8, 1))
        verdict = counter.verify(world.answer(counter.request("hotel-check-in"), ended))
        assert "period.over" in codes(verdict)


def _issuer(**change: Any) -> dict[str, Any]:
    entry = {"did": SICHUAN.did, "name": "x", "cardType": ["ResidentIdentityCardCredential"], "region": ["510000"]}
    return {**entry, **change}


class TestTrust:
    @pytest.mark.parametrize(
        ("issuers", "code"),
        [
            ([], "trust.issuer"),
            ([_issuer(did="did:web:other.example")], "trust.issuer"),
            ([_issuer(cardType=["VehicleLicenceCredential"])], "trust.card"),
            ([_issuer(region=["500000"])], "trust.region"),
            ([_issuer(trustedUntil="2026-11-23T07:59:59Z")], "trust.issuer"),
            ([_issuer(trustedFrom="2026-11-23T08:00:01Z")], "trust.issuer"),
            # Two entries don't add up to what neither says.
            (
                [_issuer(region=["500000"]), _issuer(cardType=["VehicleLicenceCredential"])],
                "trust.region",
            ),
        ],
    )
    def test_a_card_that_nobody_vouches_for_is_refused_before_anything_is_computed(
        self, world: World, message: MESSAGE, issuers: list[dict[str, Any]], code: str
    ) -> None:
        verdict = world.counter(trust=trust_list(issuers=issuers)).verify(message)
        assert codes(verdict) == [code]
        assert outcomes(verdict)["proof"] == "not applicable"

    def test_a_card_in_the_name_of_a_trusted_issuer_must_be_signed_by_it(self, world: World, counter: Verifier) -> None:
        forger = SoftwareKey.from_seed("P-256", b"forger")
        forged = issued(identity_card(), issuer=forger)
        request = counter.request("hotel-check-in")

        def edit(m: MESSAGE) -> None:
            m["verifiablePresentation"]["verifiableCredential"][0]["issuer"] = SICHUAN.did

        verdict = counter.verify(tampered(world.answer(request, forged), edit))
        assert "issuer.controller" in codes(verdict)

    def test_an_expired_list_is_not_used(self, world: World, counter: Verifier) -> None:
        world.clock.advance(days=31)
        card = issued(identity_card(), day=date(2026, 12, 24))
        verdict = counter.verify(world.answer(counter.request("hotel-check-in"), card))
        assert codes(verdict) == ["trust.expired"]

    def test_without_a_list_nothing_is_accepted(self, world: World, message: MESSAGE) -> None:
        class None_:
            def load(self, now: Any) -> TrustList:
                raise vc.ProblemError(vc.Problem("trust.unavailable", "there is none"))

        assert codes(world.counter(trust=None_()).verify(message)) == ["trust.unavailable"]


class TestScenarios:
    def show(self, world: World, scenario: str, *cards: dict[str, Any], **options: Any) -> vc.Verdict:
        counter = options.pop("counter", None) or world.counter()
        request = counter.request(scenario, variant=options.pop("variant", "min"))
        return counter.verify(world.answer(request, *cards, **options))

    def test_an_internet_cafe_sees_age_and_face_only(self, world: World) -> None:
        verdict = self.show(world, "internet-cafe")
        assert verdict.verified
        assert verdict.document is not None
        subject = verdict.document["verifiableCredential"][0]["credentialSubject"]
        assert set(subject) == {"id", "type", "issuingProvince", "ageOver18", "portrait"}

    def test_who_is_not_shown_to_be_18_is_refused_there(self, world: World) -> None:
        young = identity_card(
            birth=date(2012, 1, 1), card_valid_from=date(2026, 5, 1), card_valid_until=date(2031, 5, 1)
        )
        verdict = self.show(world, "internet-cafe", issued(young))
        assert codes(verdict) == ["scenario.claim_missing"]
        assert outcomes(verdict)["scenario"] == "failed"

    def test_but_a_hotel_receives_them_with_advice(self, world: World) -> None:
        young = identity_card(
            birth=date(2012, 1, 1), card_valid_from=date(2026, 5, 1), card_valid_until=date(2031, 5, 1)
        )
        counter = world.counter()
        verdict = counter.verify(world.answer(counter.request("hotel-check-in"), issued(young)))
        assert verdict.verified
        assert "未成年人" in verdict.advice[0].zh

    def test_what_the_law_column_asks_must_be_shown(self, world: World) -> None:
        assert self.show(world, "hotel-check-in", variant="law").verified
        verdict = self.show(world, "hotel-check-in", variant="law", without={"sex"})
        assert codes(verdict) == ["scenario.claim_missing"]

    def test_more_than_was_asked_is_a_warning(self, world: World) -> None:
        verdict = self.show(world, "hotel-check-in", extra=("citizenIdentityNumber",))
        assert verdict.verified
        assert [warning.code for warning in verdict.warnings] == ["scenario.claim_extra"]

    def test_the_household_is_shown_for_property_registration(self, world: World) -> None:
        cards = [issued(identity_card()), issued(member_page()), issued(household_page())]
        verdict = self.show(world, "property-registration", *cards)
        assert verdict.verified

    def test_cards_that_do_not_belong_together_are_refused(self, world: World) -> None:
        cards = [issued(identity_card()), issued(member_page()), issued(household_page("510104000999"))]
        verdict = self.show(world, "property-registration", *cards)
        assert codes(verdict) == ["scenario.binding"]

    def test_a_missing_card_is_missed(self, world: World) -> None:
        verdict = self.show(world, "property-registration", issued(identity_card()))
        assert set(codes(verdict)) == {"scenario.card_missing"}

    def test_a_card_of_another_province_does_not_count(self, world: World) -> None:
        agency = {"name": "昆明市公安局五华分局", "administrativeDivision": "530102"}
        card = issued(identity_card(), issuingAgency=agency, issuingProvince="530000", issuingRegion="530100")
        trust = trust_list(issuers=[_issuer(region=["510000", "530000"])])
        verdict = self.show(world, "hotel-check-in", card, counter=world.counter(trust=trust))
        assert codes(verdict) == ["scenario.region"]
        assert outcomes(verdict)["region"] == "failed"

    def test_a_card_with_values_that_cannot_be_is_refused(self, world: World) -> None:
        card = issued(identity_card(), sex="7")
        verdict = self.show(world, "hotel-check-in", card, variant="law")
        assert outcomes(verdict)["card"] == "failed"

    def test_a_place_elsewhere_may_not_use_the_scenario(self, world: World, message: MESSAGE) -> None:
        elsewhere = world.counter(region="110000")
        assert codes(elsewhere.verify(message)) == ["verifier.region"]
        with pytest.raises(vc.ProblemError) as raised:
            elsewhere.request("hotel-check-in")
        assert raised.value.code == "verifier.region"

    def test_only_police_on_the_trust_list_may_check_in_the_street(self, world: World) -> None:
        with pytest.raises(vc.ProblemError) as raised:
            world.counter().request("street-check")
        assert raised.value.code == "trust.verifier"
        patrol = {"did": HOTEL, "name": "巡逻一组", "verifierClass": "police"}
        counter = world.counter(trust=trust_list(verifiers=[patrol]))
        assert self.show(world, "street-check", counter=counter).verified
        former = {**patrol, "trustedUntil": "2026-11-22T00:00:00Z"}
        with pytest.raises(vc.ProblemError):
            world.counter(trust=trust_list(verifiers=[former])).request("street-check")


BAD_MESSAGES: list[Any] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"verifiablePresentation": null}',
    b'{"verifiablePresentation": []}',
    b'{"verifiablePresentation": {}}',
    b'{"verifiablePresentation": {"type": "VerifiablePresentation"}, "other": 1}',
    b'{"verifiablePresentation": {"type": ["VerifiablePresentation"]}, "attachments": []}',
    b'{"verifiablePresentation": {"type": ["VerifiablePresentation"]}, "attachments": {"z": 5}}',
    b'{"type": "VerifiablePresentation", "type": "VerifiablePresentation"}',
    b'{"type": "VerifiablePresentation"' + b', "x": {"x": {}}' * 10 + b"}",
    b'{"a":' * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"type": "VerifiablePresentation", "x": "' + b"x" * 5_000_000 + b'"}',
    {},
    {"type": 5},
    {"type": "VerifiablePresentation", "proof": {"challenge": "\ud800"}},
    {"type": "VerifiablePresentation", "proof": {"challenge": "x" * 10_000}},
    {"type": "VerifiablePresentation", "verifiableCredential": [[], 5, None]},
    {"type": "EnvelopedVerifiablePresentation", "id": "data:application/vp+jwt,a.b.c"},
]


@pytest.mark.parametrize("bad", BAD_MESSAGES, ids=range(len(BAD_MESSAGES)))
def test_what_is_no_answer_is_refused_without_an_error(counter: Verifier, bad: Any) -> None:
    verdict = counter.verify(bad)
    assert not verdict.verified
    assert verdict.problems
    assert verdict.effect is None


REPLACEMENTS = (None, 5, "text", "", [], {}, [[]], [{}], {"id": []}, True, "did:key:z", {"@value": "x"})  # type: ignore[var-annotated]


@pytest.mark.parametrize("value", REPLACEMENTS, ids=range(len(REPLACEMENTS)))
def test_no_member_of_a_presentation_makes_it_raise_or_accept(
    counter: Verifier, request_: PresentationRequest, message: MESSAGE, value: Any
) -> None:
    presentation = message["verifiablePresentation"]
    for node, place in ((presentation, []), (presentation["verifiableCredential"][0], ["verifiableCredential", 0])):
        for member in node:

            def edit(m: MESSAGE, member: str = member, place: list[Any] = place) -> None:
                target = m["verifiablePresentation"]
                for token in place:
                    target = target[token]
                target[member] = value

            assert not counter.verify(tampered(message, edit), request_).verified


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_message_with_changed_bytes_is_never_accepted(
    counter: Verifier, request_: PresentationRequest, message: MESSAGE, data: st.DataObject
) -> None:
    content = bytearray(json.dumps(message["verifiablePresentation"]).encode())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[position]))
    changed = {"verifiablePresentation": None, "attachments": message["attachments"]}
    try:
        changed["verifiablePresentation"] = json.loads(content)
    except (ValueError, UnicodeDecodeError):
        assert not counter.verify(bytes(content), request_).verified
        return
    if changed["verifiablePresentation"] != message["verifiablePresentation"]:
        assert not counter.verify(changed, request_).verified


def test_an_oversight_of_ours_counts_as_not_verified(
    counter: Verifier, message: MESSAGE, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("王小明")

    monkeypatch.setattr("verifier.judging.assess", broken)
    verdict = counter.verify(message)
    assert codes(verdict) == ["verification.internal"]
    assert "王小明" not in verdict.problems[0].detail
    monkeypatch.undo()
    assert counter.verify(message).verified


def test_the_trust_anchor_is_not_an_issuer_of_cards(world: World, counter: Verifier) -> None:
    card = issued(identity_card(), issuer=SoftwareKey.from_seed("P-256", b"not on the list"))
    assert codes(counter.verify(world.answer(counter.request("hotel-check-in"), card))) == ["trust.issuer"]
    assert ANCHOR.did != SICHUAN.did != PHONE.did
