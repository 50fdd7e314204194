"""What each line of the trust list and of the replay guard is for: the last that counts, the first that does not."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import vc
from vc.cards.message import MAX_MESSAGE
from vc.scenarios import PresentationRequest
from verifier import ReplayGuard, TrustList, trust_list_credential
from verifier.ledger import LedgerUnavailable
from verifier.replay import replay_keys
from verifier.trust import MAX_TRUST_LIST
from verifier.trust_document import read

from .conftest import ANCHOR, NOW, PHONE, SICHUAN, World, codes, identity_card, issued, outcomes

CARD, OTHER_CARD = "ResidentIdentityCardCredential", "HouseholdRegisterCredential"
BEGIN, END = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
SECOND = timedelta(seconds=1)
CREDENTIAL = issued(identity_card())


def entry(**change: Any) -> dict[str, Any]:
    return {"did": SICHUAN.did, "name": "x", "cardType": [CARD], "region": ["510000"], **change}


def trust(*issuers: dict[str, Any], verifiers: Any = (), **dates: datetime) -> TrustList:
    dates = {"valid_from": NOW - timedelta(days=1), "valid_until": NOW + timedelta(days=1), **dates}
    document = trust_list_credential(issuer=ANCHOR.did, issuers=issuers, verifiers=verifiers, **dates)
    return TrustList.load(vc.issue(document, ANCHOR, now=NOW), anchors=[ANCHOR.did], now=NOW)


def judged(listed: TrustList, credential: dict[str, Any] = CREDENTIAL, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(p.code, p.pointer) for p in listed.check_issuer(credential, now=now, pointer="/verifiableCredential/0")]


def stated(**change: Any) -> dict[str, Any]:
    credential = copy.deepcopy(CREDENTIAL)
    credential["credentialSubject"].update(change)
    return credential


class TestIssuers:
    def test_one_entry_covers_both_card_and_province(self) -> None:
        assert judged(trust(entry())) == []
        elsewhere, otherwise = entry(region=["500000"]), entry(cardType=[OTHER_CARD])
        place = "/verifiableCredential/0"
        assert judged(trust(elsewhere)) == [("trust.region", place + "/credentialSubject/issuingProvince")]
        assert judged(trust(otherwise)) == [("trust.card", place + "/type")]
        assert judged(trust(elsewhere, otherwise)) == [("trust.region", place + "/credentialSubject/issuingProvince")]
        assert judged(trust(elsewhere, otherwise, entry())) == []
        assert judged(trust(entry(region=["500000", "510000"], cardType=[OTHER_CARD, CARD]))) == []

    def test_who_is_not_listed_is_not_trusted(self) -> None:
        assert judged(trust(entry(did=PHONE.did))) == [("trust.issuer", "/verifiableCredential/0/issuer")]
        assert judged(trust()) == [("trust.issuer", "/verifiableCredential/0/issuer")]
        assert judged(trust(entry()), {**CREDENTIAL, "issuer": None})[0][0] == "trust.issuer"

    def test_an_entry_counts_from_its_first_to_its_last_second(self) -> None:
        limited = trust(entry(trustedFrom=BEGIN.isoformat(), trustedUntil=END.isoformat()))
        for when, wanted in ((BEGIN - SECOND, 1), (BEGIN, 0), (END, 0), (END + SECOND, 1)):
            assert len(judged(limited, now=when)) == wanted, when
        assert len(judged(trust(entry(trustedFrom=BEGIN.isoformat())), now=BEGIN - SECOND)) == 1
        assert len(judged(trust(entry(trustedUntil=END.isoformat())), now=END + SECOND)) == 1
        ended = entry(trustedUntil=BEGIN.isoformat())
        assert judged(trust(ended, entry(region=["500000"])))[0][0] == "trust.region"

    @pytest.mark.parametrize("province", [None, 510000, "", "51", "500000", ["510000"], {}])
    def test_a_card_says_of_which_province_it_is(self, province: Any) -> None:
        assert judged(trust(entry()), stated(issuingProvince=province))[0][0] == "trust.region"

    def test_a_card_that_nobody_knows_is_trusted_with_nobody(self) -> None:
        unknown = {**CREDENTIAL, "type": ["VerifiableCredential"]}
        assert judged(trust(entry()), unknown)[0][0] == "trust.card"


class TestVerifiers:
    def test_one_is_of_a_class_by_its_name_in_its_time(self) -> None:
        police = {"did": PHONE.did, "name": "x", "verifierClass": "police"}
        dated = {**police, "trustedFrom": BEGIN.isoformat(), "trustedUntil": END.isoformat()}
        listed = trust(verifiers=[dated])
        for when, wanted in ((BEGIN - SECOND, 1), (BEGIN, 0), (END, 0), (END + SECOND, 1)):
            assert len(listed.check_verifier(PHONE.did, "police", now=when)) == wanted, when
        assert trust(verifiers=[police]).check_verifier(PHONE.did, "police", now=NOW) == []
        for who, kind in ((SICHUAN.did, "police"), (PHONE.did, "hotel"), (PHONE.did, "")):
            problems = trust(verifiers=[police]).check_verifier(who, kind, now=NOW)
            assert [p.code for p in problems] == ["trust.verifier"]
        assert trust().check_verifier(SICHUAN.did, None, now=NOW) == []


class TestLists:
    def test_the_dates_of_a_list_have_the_skew_and_no_more(self) -> None:
        listed, minute = trust(valid_from=BEGIN, valid_until=END), timedelta(seconds=60)
        for when, wanted in (
            (BEGIN - minute, 0),
            (BEGIN - minute - SECOND, 1),
            (END + minute, 0),
            (END + minute + SECOND, 1),
        ):
            assert len(listed.check_time(when)) == wanted, when
        assert listed.check_time(END + SECOND, timedelta(0)) != []
        assert listed.check_time(END, timedelta(0)) == []

    def test_a_list_of_any_size_is_not_read(self) -> None:
        for content in (" " * (MAX_TRUST_LIST + 1), b" " * (MAX_TRUST_LIST + 1)):
            with pytest.raises(vc.ProblemError) as raised:
                TrustList.load(content, anchors=[ANCHOR.did], now=NOW)
            assert raised.value.code == "trust.form"
            with pytest.raises(vc.ProblemError) as raised:
                TrustList.load(content[1:], anchors=[ANCHOR.did], now=NOW)
            assert raised.value.code == "trust.proof"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"verifiers": [{"did": PHONE.did, "name": "x"}]},
            {"verifiers": [{"did": PHONE.did, "name": "x", "verifierClass": ""}]},
            {"verifiers": [{"did": "x", "name": "x", "verifierClass": "police"}]},
            {"verifiers": [{"did": PHONE.did, "name": "x", "verifierClass": "police", "cardType": [CARD]}]},
            {"verifiers": [{"did": PHONE.did, "name": "x", "verifierClass": "police", "type": "TrustedIssuer"}]},
            {"verifiers": [{"did": PHONE.did, "name": "x", "verifierClass": "police", "trustedUntil": "later"}]},
            {"issuers": [entry(type="TrustedVerifier")]},
            {"issuers": [entry(verifierClass="police")]},
            {"issuers": [entry(did="did:")]},
            {"issuers": [entry(cardType=[])]},
            {"issuers": [entry(cardType=[""])]},
            {"issuers": [entry(region=["510000", 7])]},
            {"issuers": [entry(trustedFrom=None)]},
            {"issuers": [entry(), entry(name="")]},
        ],
    )
    def test_an_entry_that_is_wrong_makes_no_list(self, wrong: dict[str, Any]) -> None:
        good: dict[str, Any] = {"issuers": [entry()], "valid_from": BEGIN, "valid_until": END, "issuer": ANCHOR.did}
        trust_list_credential(**good)
        with pytest.raises(vc.ProblemError) as raised:
            trust_list_credential(**{**good, **wrong})
        assert raised.value.code == "trust.form"

    def test_the_subject_is_a_trust_list_and_nothing_beside(self) -> None:
        document = trust_list_credential(
            issuer=ANCHOR.did,
            issuers=[entry(name="x" * 200)],
            valid_from=BEGIN.replace(microsecond=5),
            valid_until=END.replace(microsecond=5),
        )
        assert read(document).issuers[0].name == "x" * 200
        assert (document["validFrom"], document["validUntil"]) == (BEGIN.isoformat(), END.isoformat())
        subject = document["credentialSubject"]
        for kind in ("Person", ["TrustList", "Person"], [], None):
            with pytest.raises(vc.ProblemError) as raised:
                read({**document, "credentialSubject": {**subject, "type": kind}})
            assert raised.value.code == "trust.form"

    def test_what_is_no_entry_is_named_with_its_place(self) -> None:
        document = trust_list_credential(issuer=ANCHOR.did, issuers=[entry()], valid_from=BEGIN, valid_until=END)
        for value, place in (([7], "/trustedIssuer/0"), ([entry(type="TrustedIssuer"), None], "/trustedIssuer/1")):
            changed = {**document, "credentialSubject": {**document["credentialSubject"], "trustedIssuer": value}}
            with pytest.raises(vc.ProblemError) as raised:
                read(changed)
            assert ("trust.form", "/credentialSubject" + place) in [(p.code, p.pointer) for p in raised.value.problems]


class TestTheOrderOfWork:
    """Nothing dear is computed for an answer that is refused for something cheap."""

    def test_an_answer_that_was_used_is_not_verified_again(self, world: World) -> None:
        counter = world.counter()
        message = world.answer(counter.request("hotel-check-in"))
        assert counter.verify(message).verified
        again = counter.verify(message)
        assert codes(again) == ["replay.used"]
        assert outcomes(again)["proof"] == "not applicable"
        assert {"card", "scenario", "region", "freshness"} <= {
            check.name for check in again.checks if check.outcome.value == "not applicable"
        }
        assert len(again.checks) == len({check.name for check in again.checks})

    def test_nor_is_one_while_the_record_of_used_ones_is_out_of_reach(self, world: World) -> None:
        class Broken(ReplayGuard):
            def seen(self, keys: Any) -> bool:
                raise LedgerUnavailable("out of reach")

        counter = world.counter(replay=Broken(world.path / "verifier.db"))
        verdict = counter.verify(world.answer(counter.request("hotel-check-in")))
        assert codes(verdict) == ["replay.unavailable"]
        assert (outcomes(verdict)["replay"], outcomes(verdict)["proof"]) == ("indeterminate", "not applicable")

        class Late(ReplayGuard):
            def accept(self, keys: Any, *, keep_until: datetime, now: datetime) -> bool:
                raise LedgerUnavailable("out of reach")

        counter = world.counter(replay=Late(world.path / "verifier.db"))
        verdict = counter.verify(world.answer(counter.request("hotel-check-in")))
        assert not verdict.verified and verdict.effect is None
        assert codes(verdict) == ["replay.unavailable"]
        assert (outcomes(verdict)["replay"], outcomes(verdict)["proof"]) == ("indeterminate", "passed")

    def test_what_is_no_message_gets_as_far_as_that(self, world: World) -> None:
        verdict = world.counter().verify(b"nonsense")
        assert outcomes(verdict)["parse"] == "failed"
        assert "request" not in outcomes(verdict)
        assert verdict.effect is None and not verdict.verified

    def test_a_variant_that_the_scenario_does_not_have_is_refused(self, world: World) -> None:
        counter = world.counter()
        request = counter.request("senior-discount")
        other = PresentationRequest.from_dict({**request.to_dict(), "variant": "law"})
        verdict = counter.verify(world.answer(other), other)
        assert codes(verdict) == ["request.form"]

    def test_the_time_to_answer_is_over_at_its_last_second(self, world: World) -> None:
        counter = world.counter()
        message = world.answer(counter.request("hotel-check-in"), expires_in=3_000)
        world.clock.advance(seconds=300)
        assert codes(counter.verify(message)) == ["request.expired"]


class TestBinding:
    """At a counter a card is shown by the key that it names as its subject, and by nobody who speaks for another."""

    @pytest.mark.parametrize("subject", ["did:web:somebody.example", "did:example:child"])
    def test_a_card_about_somebody_with_another_name_is_refused(self, world: World, subject: str) -> None:
        counter = world.counter()
        card = issued(identity_card(), device=subject)
        verdict = counter.verify(world.answer(counter.request("hotel-check-in"), card))
        assert not verdict.verified
        assert codes(verdict) == ["holder.binding"]
        assert verdict.problems[0].pointer == "/verifiableCredential/0/credentialSubject/id"

    def test_a_card_that_is_none_of_those_known_is_named_so(self, world: World) -> None:
        counter = world.counter()
        message = world.answer(counter.request("hotel-check-in"))
        message["verifiablePresentation"]["verifiableCredential"][0]["type"] = ["VerifiableCredential"]
        verdict = counter.verify(message)
        assert not verdict.verified
        assert "card.unknown" in codes(verdict)
        assert "verification.internal" not in codes(verdict)

    def test_a_message_of_any_size_is_not_read(self, world: World) -> None:
        for content in (b" " * (MAX_MESSAGE + 1), " " * (MAX_MESSAGE + 1)):
            assert codes(world.counter().verify(content)) == ["message.limit"]
        assert "message.limit" not in codes(world.counter().verify(b" " * MAX_MESSAGE))


class TestReplay:
    def test_a_key_is_kept_until_the_day_after_and_no_earlier_forgotten(self, tmp_path: Path) -> None:
        guard, day = ReplayGuard(tmp_path / "used.db"), timedelta(days=1)
        assert guard.accept(["a"], keep_until=END, now=NOW)
        assert not guard.accept(["a"], keep_until=END, now=NOW)
        guard.accept(["other"], keep_until=END + 9 * day, now=END + day)
        assert guard.seen(["a"])
        guard.accept(["another"], keep_until=END + 9 * day, now=END + day + SECOND)
        assert not guard.seen(["a"])

    def test_one_that_ends_before_now_is_kept_from_now(self, tmp_path: Path) -> None:
        guard, day = ReplayGuard(tmp_path / "used.db"), timedelta(days=1)
        assert guard.accept(["a"], keep_until=NOW - 9 * day, now=NOW)
        guard.accept(["other"], keep_until=NOW + 9 * day, now=NOW + day)
        assert guard.seen(["a"])

    def test_those_that_were_free_stay_free(self, tmp_path: Path) -> None:
        guard = ReplayGuard(tmp_path / "used.db")
        assert guard.accept(["m"], keep_until=END, now=NOW)
        assert not guard.accept(["a", "m", "z"], keep_until=END, now=NOW)
        assert not guard.seen(["a", "z"])
        assert guard.seen(["z", "m"])
        assert guard.accept(["a", "z"], keep_until=END, now=NOW)

    def test_each_part_of_an_answer_makes_a_key_of_its_own(self) -> None:
        parts = [("proof", "z1"), ("proof", "z2"), ("key binding", "z1")]
        keys = replay_keys("d", "c", parts)
        assert len(keys) == len(set(keys)) == 4
        assert replay_keys("d", "c") == keys[:1]
        assert replay_keys("d", "other", parts)[1:] == keys[1:]
        assert set(replay_keys("other", "c")).isdisjoint(keys)
