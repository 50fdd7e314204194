"""A presentation shows what was agreed and nothing else, to one verifier, for 300 seconds, after the PIN."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import vc
from holder import Consent, ConsentRefused, Disclosure, DisclosureMismatch, PinWrong, RequestRefused, Wallet
from vc import qr
from vc.cards import message
from vc.cards.display import claims_of
from vc.cards.portrait import digest_multibase
from vc.scenarios import SCENARIOS, assess

from .conftest import PIN, PORTRAIT, Clock, request

CHALLENGE, DOMAIN = "n3Kx8pQ0vT5yR2mW", "https://hotel.cq.example"


def agree(_: Disclosure) -> bool:
    return True


def shown(sent: message.Message) -> list[set[str]]:
    return [set(claims_of(credential)) for credential in sent.presentation["verifiableCredential"]]


def test_exactly_what_was_agreed_leaves_and_is_verified(stocked: Wallet, clock: Clock) -> None:
    asked = request("hotel-check-in", clock)
    seen: list[Disclosure] = []
    sent = stocked.present(asked, lambda d: seen.append(d) is None, pin=PIN)  # type: ignore[func-returns-value]
    assert shown(sent) == [{"name", "portrait", "ageOver18", "issuingProvince"}]
    assert {claim.term for claim in seen[0].cards[0].claims} == {"name", "portrait", "ageOver18"}
    verdict = vc.verify(sent.presentation, challenge=CHALLENGE, domain=DOMAIN, now=clock.now)
    assert verdict.verified, verdict.problems
    assert sent.presentation["holder"] == stocked.did
    assert message.check_portraits(sent) == []
    assert dict(sent.attachments) == {digest_multibase(PORTRAIT): PORTRAIT}
    judged = assess(SCENARIOS["hotel-check-in"], sent.presentation["verifiableCredential"], now=clock.now)
    assert judged.satisfied, judged.problems


def test_nothing_that_was_not_agreed_is_anywhere_in_the_message(stocked: Wallet, clock: Clock) -> None:
    sent = stocked.present(request("internet-cafe", clock), agree, pin=PIN)
    assert shown(sent) == [{"ageOver18", "portrait", "issuingProvince"}]
    text = str(sent.to_dict())
    for secret in ("王小明", "510199", "1990", "锦江", "FAKE"):
        assert secret not in text


@pytest.mark.parametrize("scenario", ["hotel-check-in", "internet-cafe", "street-check", "property-registration"])
@pytest.mark.parametrize("variant", ["min", "law"])
def test_every_scenario_is_answered_so_that_its_verifier_is_satisfied(
    stocked: Wallet, clock: Clock, scenario: str, variant: Any
) -> None:
    sent = stocked.present(request(scenario, clock, variant), agree, pin=PIN)
    verdict = vc.verify(sent.presentation, challenge=CHALLENGE, domain=DOMAIN, now=clock.now)
    assert verdict.verified, verdict.problems
    credentials = sent.presentation["verifiableCredential"]
    judged = assess(SCENARIOS[scenario], credentials, now=clock.now, variant=variant)
    assert judged.satisfied, judged.problems
    assert not judged.warnings


def test_an_optional_claim_that_was_declined_does_not_leave(stocked: Wallet, clock: Clock) -> None:
    without = Consent(True, frozenset({"card/ageOver18"}))
    sent = stocked.present(request("hotel-check-in", clock), lambda _: without, pin=PIN)
    assert shown(sent) == [{"name", "portrait", "issuingProvince"}]


def test_it_lives_three_hundred_seconds(stocked: Wallet, clock: Clock) -> None:
    sent = stocked.present(request("hotel-check-in", clock), agree, pin=PIN)
    made = clock.now
    for seconds, good in ((299, True), (301, False)):
        verdict = vc.verify(
            sent.presentation, challenge=CHALLENGE, domain=DOMAIN, now=made + timedelta(seconds=seconds)
        )
        assert verdict.verified is good


@pytest.mark.parametrize(("challenge", "domain"), [("n3Kx8pQ0vT5yR2mX", DOMAIN), (CHALLENGE, "https://cafe.example")])
def test_it_is_for_one_verifier(stocked: Wallet, clock: Clock, challenge: str, domain: str) -> None:
    sent = stocked.present(request("hotel-check-in", clock), agree, pin=PIN)
    assert not vc.verify(sent.presentation, challenge=challenge, domain=domain, now=clock.now).verified


def test_without_consent_nothing_leaves_and_no_pin_is_asked(stocked: Wallet, clock: Clock) -> None:
    def never() -> str:
        raise AssertionError("the PIN was asked")

    for answer in (False, Consent(False), Consent(False, frozenset({"card/ageOver18"}))):
        with pytest.raises(ConsentRefused):
            stocked.present(request("hotel-check-in", clock), lambda _, answer=answer: answer, pin=never)  # type: ignore[misc]
    with pytest.raises(ValueError, match="card/name"):
        stocked.present(request("hotel-check-in", clock), lambda _: Consent(True, frozenset({"card/name"})), pin=never)
    with pytest.raises(RequestRefused):
        stocked.present({}, agree, pin=never)
    assert [entry.event for entry in stocked.log.entries()[-4:]] == ["declined"] * 3 + ["request-refused"]


def test_the_pin_is_asked_every_time_and_a_wrong_one_shows_nothing(stocked: Wallet, clock: Clock) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("PIN")
        return PIN

    for _ in range(2):
        stocked.present(request("hotel-check-in", clock), agree, pin=ask)
    assert len(asked) == 2
    with pytest.raises(PinWrong):
        stocked.present(request("hotel-check-in", clock), agree, pin="402918")
    assert stocked.log.entries()[-1].event == "pin-refused"


def test_the_log_says_when_to_whom_and_what_but_no_values(stocked: Wallet, clock: Clock) -> None:
    stocked.present(request("hotel-check-in", clock), agree, pin=PIN)
    stocked.record_result(CHALLENGE, "verified")
    entry, result = stocked.log.entries()[-2:]
    assert entry.event == "presented"
    assert entry.when == "2026-11-23T08:00:00Z"
    assert entry.details["verifier"] == {"id": "did:web:hotel.cq.example", "name": "重庆样例酒店"}
    assert (entry.details["scenario"], entry.details["variant"]) == ("hotel-check-in", "min")
    (card,) = entry.details["cards"]
    assert (card["type"], card["claims"]) == ("ResidentIdentityCardCredential", ["name", "portrait", "ageOver18"])
    assert "王小明" not in str(entry.to_dict())
    assert (result.event, dict(result.details)) == ("result", {"of": entry.number, "result": "verified"})
    for challenge, outcome in (("another", "verified"), (CHALLENGE, "perhaps")):
        with pytest.raises(ValueError, match=r"no presentation|verified, refused"):
            stocked.record_result(challenge, outcome)
    assert stocked.log.check() == []


def test_a_presentation_is_in_the_log_before_it_is_signed(
    stocked: Wallet, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def killed(*_: object) -> bytes:
        raise Killed

    monkeypatch.setattr("holder.device.GrantedSignature.sign", killed)
    with pytest.raises(Killed):
        stocked.present(request("hotel-check-in", clock), agree, pin=PIN)
    assert stocked.log.entries()[-1].event == "presented"


def test_a_derivation_that_would_show_more_is_not_shown(
    stocked: Wallet, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest: Callable[..., dict[str, Any]] = vc.derive
    monkeypatch.setattr(vc, "derive", lambda c, **_: honest(c, selective_pointers=["/credentialSubject"]))
    with pytest.raises(DisclosureMismatch):
        stocked.present(request("hotel-check-in", clock), agree, pin=PIN)
    monkeypatch.setattr(vc, "derive", lambda c, **_: honest(c))
    with pytest.raises(DisclosureMismatch):
        stocked.present(request("hotel-check-in", clock), agree, pin=PIN)
    assert "presented" not in {entry.event for entry in stocked.log.entries()}


def test_a_presentation_travels_as_qr_symbols_and_its_portrait_beside(stocked: Wallet, clock: Clock) -> None:
    sent = stocked.present(request("hotel-check-in", clock), agree, pin=PIN)
    texts = qr.encode({"verifiablePresentation": sent.presentation})
    read = qr.decode(texts)
    assert read == {"verifiablePresentation": sent.presentation}
    assert vc.verify(read["verifiablePresentation"], challenge=CHALLENGE, domain=DOMAIN, now=clock.now).verified
