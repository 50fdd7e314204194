"""Cards as SD-JWT VC: taken in beside their JSON-LD form, shown as agreed, bound to the device and to one verifier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

import vc
from did import SoftwareKey, generate
from holder import CardRefused, ConsentRefused, DisclosureMismatch, FileKeystore, RequestRefused, Wallet
from holder.card_files import read_card_files
from holder.remote_key import RemoteDeviceKey
from vc.cards import models
from vc.cards.display import claims_of
from vc.cards.message import Message, check_portraits, read
from vc.cards.portrait import digest_multibase
from vc.scenarios import SCENARIOS, assess

from .conftest import (
    COST,
    ISSUER,
    PIN,
    PORTRAIT,
    Clock,
    as_sd_jwt,
    household_page,
    identity_card,
    issued,
    member_page,
    request,
)

SD_JWT = "dc+sd-jwt"
CHALLENGE, DOMAIN = "n3Kx8pQ0vT5yR2mW", "https://hotel.cq.example"
OTHER = SoftwareKey.from_seed("P-256", b"another issuer of the holder's tests")


def wanted(scenario: str, clock: Clock, variant: Any = "min") -> dict[str, Any]:
    return request(scenario, clock, variant, envelope="dc+sd-jwt")


def agree(_: Any) -> bool:
    return True


@pytest.fixture
def full(wallet: Wallet) -> Wallet:
    """A wallet whose three cards came in both forms."""
    for card, pictures in ((identity_card(), [PORTRAIT]), (household_page(), []), (member_page(), [])):
        credential = issued(card, wallet.did)
        wallet.add(credential, pictures, forms={SD_JWT: as_sd_jwt(credential, wallet.did)})
    return wallet


def texts_of(answer: Message) -> list[str]:
    return list(answer.to_dict()["sdJwts"])


def shown(answer: Message) -> list[set[str]]:
    return [set(claims_of(credential)) for credential in answer.presentation["verifiableCredential"]]


# --- taking in -------------------------------------------------------------------------------------------------------


def test_a_card_keeps_its_other_form_when_the_wallet_is_opened_again(
    full: Wallet, open_wallet: Callable[..., Wallet]
) -> None:
    with open_wallet() as again:
        assert [card.forms for card in again.list()] == [card.forms for card in full.list()]
        assert all(card.forms and card.issuer_checked for card in again.list())


def test_a_card_without_the_other_form_is_kept_as_ever(stocked: Wallet) -> None:
    assert [card.forms for card in stocked.list()] == [{}, {}, {}]


def test_an_update_brings_both_forms_or_ends_the_other(full: Wallet) -> None:
    old = full.list()[0]
    newer = issued(identity_card(version=2), full.did)
    card = full.update(old.id, newer, [PORTRAIT], forms={SD_JWT: as_sd_jwt(newer, full.did)})
    assert card.forms != old.forms and full.show(old.id).forms == card.forms
    newest = issued(identity_card(version=3), full.did)
    assert full.update(old.id, newest, [PORTRAIT]).forms == {}


REFUSED: dict[str, Callable[[dict[str, Any], Wallet], str]] = {
    "for another device": lambda card, wallet: as_sd_jwt(card, generate("P-256").did),
    "of another subject": lambda card, wallet: as_sd_jwt(card, wallet.did, sub=generate("P-256").did),
    "with other claims": lambda card, wallet: as_sd_jwt(card, wallet.did, name="王大明"),
    "with a claim more": lambda card, wallet: as_sd_jwt(card, wallet.did, jti="urn:uuid:1"),
    "for another time": lambda card, wallet: as_sd_jwt(card, wallet.did, exp=2_000_000_000),
    "by another issuer": lambda card, wallet: as_sd_jwt({**card, "issuer": OTHER.did}, wallet.did, issuer=OTHER),
    "with a changed signature": lambda card, wallet: _flipped(as_sd_jwt(card, wallet.did)),
    "without a disclosure": lambda card, wallet: "~".join(as_sd_jwt(card, wallet.did).split("~")[:-2]) + "~",
    "that is no card": lambda card, wallet: str(
        vc.issue_enveloped(
            {"vct": "https://other.example/t", "sub": wallet.did},
            ISSUER,
            envelope="dc+sd-jwt",
            holder_key=wallet.device_key.public_key,
        )
    ),
    "that is a JWT": lambda card, wallet: str(
        vc.issue_enveloped({k: v for k, v in card.items() if k != "proof"}, ISSUER)
    ),
    "that is nothing": lambda card, wallet: "",
    "that is a word": lambda card, wallet: "eyJ~",
    "that is huge": lambda card, wallet: as_sd_jwt(card, wallet.did) + "A" * 1024 * 1024,
}


def _flipped(sd_jwt: str) -> str:
    jwt, rest = sd_jwt.split("~", 1)
    head, _, signature = jwt.rpartition(".")
    return f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}~{rest}"


@pytest.mark.parametrize("name", REFUSED)
def test_an_sd_jwt_that_is_not_the_same_card_for_this_device_is_refused_with_the_card(
    wallet: Wallet, name: str
) -> None:
    credential = issued(identity_card(), wallet.did)
    other = REFUSED[name](credential, wallet)
    with pytest.raises(CardRefused) as refused:
        wallet.add(credential, [PORTRAIT], forms={SD_JWT: other})
    assert refused.value.message_zh and wallet.list() == []


def test_an_sd_jwt_that_was_shown_already_is_no_card_to_take_in(wallet: Wallet, clock: Clock) -> None:
    key = generate("P-256")
    credential = issued(household_page(), wallet.did)
    whole = as_sd_jwt(credential, key.did, sub=key.did)
    terms = [f"/{term}" for term in claims_of(credential)]
    shown_before = vc.derive_enveloped(whole, terms, signer=key, challenge=CHALLENGE, domain=DOMAIN, now=clock.now)
    with pytest.raises(CardRefused):
        wallet.add(credential, forms={SD_JWT: shown_before})


FILES: dict[str, Any] = {
    "envelopes that are a list": [],
    "an sd-jwt that is a number": {"dc+sd-jwt": 7},
    "an sd-jwt that is an object": {"dc+sd-jwt": {}},
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_whose_envelopes_have_another_form_is_refused(name: str) -> None:
    import json

    with pytest.raises(vc.ProblemError) as refused:
        read_card_files(json.dumps({"credential": {}, "envelopes": FILES[name]}).encode())
    assert refused.value.code == "message.form"


def test_envelopes_that_the_wallet_does_not_know_are_left_aside() -> None:
    (file,) = read_card_files(b'{"credential": {}, "envelopes": {"mso_mdoc": 7}}')
    assert file.forms == {}


# --- presenting ------------------------------------------------------------------------------------------------------


def test_exactly_what_was_agreed_leaves_for_this_verifier_only(full: Wallet, clock: Clock) -> None:
    answer = full.present(wanted("hotel-check-in", clock), agree, pin=PIN)
    assert shown(answer) == [{"name", "portrait", "ageOver18", "issuingProvince"}]
    (text,) = texts_of(answer)
    verdict = vc.verify(text, challenge=CHALLENGE, domain=DOMAIN, now=clock.now)
    assert verdict.verified, verdict.problems
    assert not vc.verify(text, challenge="another challenge", domain=DOMAIN, now=clock.now).verified
    assert not vc.verify(text, challenge=CHALLENGE, domain="https://other.example", now=clock.now).verified
    assert dict(answer.attachments) == {digest_multibase(PORTRAIT): PORTRAIT}
    assert check_portraits(answer) == []
    assert read(answer.to_dict()).to_dict() == answer.to_dict()


@pytest.mark.parametrize("scenario", ["hotel-check-in", "internet-cafe", "street-check", "property-registration"])
@pytest.mark.parametrize("variant", ["min", "law"])
def test_every_scenario_is_answered_as_with_json_ld(full: Wallet, clock: Clock, scenario: str, variant: Any) -> None:
    json_ld = full.present(request(scenario, clock, variant), agree, pin=PIN)
    answer = full.present(wanted(scenario, clock, variant), agree, pin=PIN)
    assert shown(answer) == [set(claims_of(item)) for item in json_ld.presentation["verifiableCredential"]]
    judged = assess(SCENARIOS[scenario], answer.presentation["verifiableCredential"], now=clock.now, variant=variant)
    assert judged.satisfied and not judged.warnings
    for text in texts_of(answer):
        assert vc.verify(text, challenge=CHALLENGE, domain=DOMAIN, now=clock.now).verified


def test_nothing_that_was_not_agreed_is_anywhere_in_the_message(full: Wallet, clock: Clock) -> None:
    import base64

    answer = full.present(wanted("internet-cafe", clock), agree, pin=PIN)
    parts = [part for text in texts_of(answer) for piece in text.split("~") for part in piece.split(".")]
    text = b" ".join(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts).decode("latin-1")
    for secret in ("王小明".encode().decode("latin-1"), "510199", "1990", "FAKE"):
        assert secret not in text


@pytest.mark.parametrize("pointers", [["/name", "/portrait", "/ageOver18", "/birthDate"], ["/name"]])
def test_more_or_less_than_was_agreed_never_leaves(
    full: Wallet, clock: Clock, monkeypatch: pytest.MonkeyPatch, pointers: list[str]
) -> None:
    honest = vc.derive_enveloped
    monkeypatch.setattr(vc, "derive_enveloped", lambda card, _, **more: honest(card, pointers, **more))
    with pytest.raises(DisclosureMismatch):
        full.present(wanted("hotel-check-in", clock), agree, pin=PIN)
    assert "presented" not in {entry.event for entry in full.log.entries()}


def test_the_holder_is_told_what_links_presentations(full: Wallet, clock: Clock) -> None:
    disclosure = full.consider(wanted("hotel-check-in", clock))
    labels = [label.zh for label, _ in disclosure.cards[0].always]
    assert "签发机关的签名（可关联各次出示）" in labels
    assert "签发机关的签名（可关联各次出示）" not in [
        label.zh for label, _ in full.consider(request("hotel-check-in", clock)).cards[0].always
    ]


def test_it_is_in_the_log_as_any_presentation(full: Wallet, clock: Clock) -> None:
    full.present(wanted("property-registration", clock), agree, pin=PIN)
    entry = full.log.entries()[-1]
    assert entry.event == "presented" and entry.details["challenge"] == CHALLENGE
    assert len(entry.details["cards"]) > 1
    full.record_result(CHALLENGE, "verified")


def test_what_is_declined_does_not_leave(full: Wallet, clock: Clock) -> None:
    with pytest.raises(ConsentRefused):
        full.present(wanted("hotel-check-in", clock), lambda _: False, pin=PIN)
    assert full.log.entries()[-1].event == "declined"


def test_cards_that_are_json_ld_only_do_not_answer_a_request_for_sd_jwts(stocked: Wallet, clock: Clock) -> None:
    with pytest.raises(RequestRefused) as refused:
        stocked.present(wanted("hotel-check-in", clock), agree, pin=PIN)
    assert refused.value.problems[0].code == "scenario.card_missing"
    assert "dc+sd-jwt" in refused.value.problems[0].detail


def test_a_request_is_answered_in_the_form_that_it_asks_for(full: Wallet, clock: Clock) -> None:
    assert "sdJwts" in full.present(wanted("hotel-check-in", clock), agree, pin=PIN).to_dict()
    assert "verifiablePresentation" in full.present(request("hotel-check-in", clock), agree, pin=PIN).to_dict()


@pytest.mark.parametrize("envelope", ["vc+jwt", "", None, 7, ["dc+sd-jwt"]])
def test_a_request_for_an_unknown_form_is_refused(full: Wallet, clock: Clock, envelope: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        full.consider(request("hotel-check-in", clock, envelope=envelope))
    assert refused.value.problems[0].code == "request.form"


class TestADeviceKeyElsewhere:
    @pytest.fixture
    def key(self) -> SoftwareKey:
        return generate("P-256")

    @pytest.fixture
    def remote(self, path: Any, keystore: FileKeystore, clock: Clock, key: SoftwareKey) -> Any:
        device_key = RemoteDeviceKey(key.public_key)
        with Wallet.create(path, PIN, keystore, cost=COST, clock=clock, device_key=device_key) as made:
            for card in (household_page(), member_page()):
                credential = issued(card, made.did)
                made.add(credential, forms={SD_JWT: as_sd_jwt(credential, key.did)})
            credential = issued(identity_card(), made.did)
            made.add(credential, [PORTRAIT], forms={SD_JWT: as_sd_jwt(credential, key.did)})
            yield made

    def test_it_signs_once_for_each_card(self, remote: Wallet, clock: Clock, key: SoftwareKey) -> None:
        pending = remote.prepare(wanted("property-registration", clock), agree, pin=PIN)
        assert len(pending.data_to_sign) > 1
        answer = pending.complete([key.sign(data) for data in pending.data_to_sign])
        for text in texts_of(answer):
            assert vc.verify(text, challenge=CHALLENGE, domain=DOMAIN, now=clock.now).verified

    def test_nothing_is_released_for_another_signature(self, remote: Wallet, clock: Clock, key: SoftwareKey) -> None:
        pending = remote.prepare(wanted("property-registration", clock), agree, pin=PIN)
        good = [key.sign(data) for data in pending.data_to_sign]
        other = generate("P-256")
        for bad in ([*good[1:], good[0]], [other.sign(d) for d in pending.data_to_sign], [b""] * len(good)):
            with pytest.raises(vc.ProblemError) as refused:
                pending.complete(bad)
            assert refused.value.code == "proof.signature"
        with pytest.raises(ValueError, match="zip"):
            pending.complete(good[:-1])


def test_an_old_card_counts_no_longer(full: Wallet, clock: Clock) -> None:
    clock.now += timedelta(days=400)
    with pytest.raises(RequestRefused):
        full.present(wanted("hotel-check-in", clock), agree, pin=PIN)


def test_the_models_of_both_forms_are_the_same(full: Wallet) -> None:
    from vc.cards.formats.sd_jwt_vc import to_credential
    from vc.cards.model import from_credential
    from vc.envelope.sd_jwt import parse

    card = full.list()[0]
    model = from_credential(to_credential(parse(card.forms[SD_JWT]).claims))
    assert isinstance(model, models.ResidentIdentityCard) and model.birth_date == date(1990, 3, 7)
