"""Cards come in only when they are for this device, properly signed and in order; they are kept sealed."""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import vc
from did import SoftwareKey, multibase
from holder import CardRefused, CardUnknown, PinWeak, Wallet, WalletDamaged
from holder.card_files import read_card_files
from holder.cards import Card
from vc import ProblemError
from vc.cards import CARDS
from vc.cards.portrait import digest_multibase

from .conftest import COST, ISSUER, PIN, PORTRAIT, Clock, household_page, identity_card, issued, member_page

Open = Callable[..., Wallet]


def test_a_card_is_kept_and_shown_in_both_languages(wallet: Wallet, open_wallet: Open) -> None:
    card = wallet.add(issued(identity_card(), wallet.did), [PORTRAIT])
    with open_wallet() as again:
        (kept,) = again.list()
        assert kept == card == again.show(card.id)
        assert kept.title.zh == "居民身份证"
        assert kept.issuer_checked
        shown = {claim.term: (claim.label, claim.text) for claim in kept.display("zh")}
        assert shown["name"] == ("姓名", "王小明")
        assert shown["sex"] == ("性别", "男")
        assert {claim.term: claim.label for claim in kept.display("en")}["name"] == "Name"
        assert again.attachments(card.id) == {digest_multibase(PORTRAIT): PORTRAIT}


def test_nothing_of_a_card_is_readable_in_the_file(stocked: Wallet, path: Path) -> None:
    content = path.read_bytes()
    for text in ("王小明", "510199", "ResidentIdentityCard", "proofValue", "image/jpeg"):
        assert text.encode() not in content
    assert PORTRAIT[10:60] not in content


def test_a_removed_card_is_gone_from_the_file(stocked: Wallet, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (sealed,) = connection.execute("SELECT attachments FROM cards LIMIT 1").fetchone()
    assert sealed in path.read_bytes() or len(sealed) > 4096
    first = stocked.list()[0]
    stocked.remove(first.id)
    assert [card.id for card in stocked.list()] == [card.id for card in stocked.list() if card.id != first.id]
    assert len(stocked.list()) == 2
    assert sealed[-64:] not in path.read_bytes()
    for action in (stocked.show, stocked.remove, stocked.attachments):
        with pytest.raises(CardUnknown):
            action(first.id)


def test_what_happens_to_cards_is_in_the_log(stocked: Wallet) -> None:
    card = stocked.list()[0]
    stocked.remove(card.id)
    entries = stocked.log.entries()
    assert [entry.event for entry in entries] == ["created", "card-added", "card-added", "card-added", "card-removed"]
    assert entries[-1].details["card"] == {"id": card.id, "type": card.type, "issuer": card.issuer}


def test_an_update_takes_the_place_of_the_card(stocked: Wallet, clock: Clock) -> None:
    old = stocked.list()[0]
    clock.advance(days=30)
    newer = issued(identity_card(version=2), stocked.did, day=date(2026, 12, 23))
    assert stocked.previous(newer) == old
    updated = stocked.update(old.id, newer, [PORTRAIT])
    assert updated.id == old.id
    assert [card.id for card in stocked.list()] == [old.id, *(card.id for card in stocked.list()[1:])]
    assert stocked.show(old.id).credential == newer
    assert stocked.log.entries()[-1].event == "card-updated"


def test_an_update_that_is_none_changes_nothing(stocked: Wallet, clock: Clock) -> None:
    old = stocked.list()[0]
    other_issuer = SoftwareKey.from_seed("P-256", b"another")
    for credential, attachments in (
        (issued(household_page("510104000999"), stocked.did), []),
        (issued(identity_card(version=2), stocked.did, issuer=other_issuer), [PORTRAIT]),
        (issued(identity_card(version=2), stocked.did, day=date(2026, 11, 1)), [PORTRAIT]),
        (issued(identity_card(version=2), stocked.did), []),
    ):
        with pytest.raises(CardRefused):
            stocked.update(old.id, credential, attachments)
    with pytest.raises(CardUnknown):
        stocked.update("00000000", issued(identity_card(version=2), stocked.did), [PORTRAIT])
    assert stocked.list()[0] == old


SPELLINGS_OF_THE_PAST = (
    "2026-11-22T24:00:00Z",
    "2026-11-22T080000+0800",
    "20261122T080000Z",
    "2026-W47-7T08:00:00Z",
    "2026-11-22T08:00Z",
    "2026-11-22T08:00:00,5Z",
    "2026-11-22T08:00:00.12345678901Z",
    "2026-11-22T23:59:60Z",
    "2026-11-22T08:00:00",
    "2026-11-22 08:00:00Z",
    "0000-01-01T00:00:00Z",
    "-0044-03-15T12:00:00Z",
    "never",
    "",
)


@pytest.mark.parametrize("until", SPELLINGS_OF_THE_PAST)
@pytest.mark.parametrize("member", ["validUntil", "expirationDate"])
def test_an_expired_card_is_not_valid_however_its_end_is_spelt(
    wallet: Wallet, clock: Clock, until: str, member: str
) -> None:
    credential = {key: value for key, value in issued(identity_card(), wallet.did).items() if key != "validUntil"}
    definition = CARDS["ResidentIdentityCardCredential"]
    assert Card("1", credential, definition, clock.now, True).valid_at(clock.now)
    assert not Card("1", credential | {member: until}, definition, clock.now, True).valid_at(clock.now)
    unsigned = {key: value for key, value in credential.items() if key != "proof"} | {"validUntil": until}
    pointers = definition.mandatory_pointers(unsigned)
    try:
        signed = vc.issue(unsigned, ISSUER, cryptosuite="ecdsa-sd-2023", mandatory_pointers=pointers, now=clock.now)
    except ProblemError:
        return  # no issuer of ours signs it
    with pytest.raises(CardRefused):
        wallet.add(signed, [PORTRAIT])
    assert wallet.list() == []


def tampered(credential: dict[str, Any], **subject: Any) -> dict[str, Any]:
    changed = copy.deepcopy(credential)
    changed["credentialSubject"].update(subject)
    return changed


def without(credential: dict[str, Any], member: str) -> dict[str, Any]:
    return {key: value for key, value in credential.items() if key != member}


BAD: dict[str, Callable[[Wallet], tuple[Any, list[bytes]]]] = {
    "empty": lambda w: ({}, []),
    "of no kind": lambda w: ({**issued(identity_card(), w.did), "type": ["VerifiableCredential"]}, [PORTRAIT]),
    "of two kinds": lambda w: (
        {
            **issued(identity_card(), w.did),
            "type": ["VerifiableCredential", "ResidentIdentityCardCredential", "HouseholdRegisterCredential"],
        },
        [PORTRAIT],
    ),
    "of an unknown kind": lambda w: ({**issued(identity_card(), w.did), "type": ["LibraryCard"]}, [PORTRAIT]),
    "for another device": lambda w: (
        issued(identity_card(), SoftwareKey.from_seed("P-256", b"other").did),
        [PORTRAIT],
    ),
    "rebound to this device": lambda w: (
        tampered(issued(identity_card(), SoftwareKey.from_seed("P-256", b"other").did), id=w.did),
        [PORTRAIT],
    ),
    "without subject": lambda w: (without(issued(identity_card(), w.did), "credentialSubject"), [PORTRAIT]),
    "with a list of subjects": lambda w: (
        {**issued(identity_card(), w.did), "credentialSubject": [{"id": w.did}]},
        [PORTRAIT],
    ),
    "with another name": lambda w: (tampered(issued(identity_card(), w.did), name="王大明"), [PORTRAIT]),
    "with another mandatory claim": lambda w: (
        tampered(issued(identity_card(), w.did), issuingProvince="500000"),
        [PORTRAIT],
    ),
    "with a term of nobody's": lambda w: (tampered(issued(identity_card(), w.did), hobby="chess"), [PORTRAIT]),
    "without proof": lambda w: (without(issued(identity_card(), w.did), "proof"), [PORTRAIT]),
    "with half a proof": lambda w: ({**issued(identity_card(), w.did), "proof": {"proofValue": "u2V0"}}, [PORTRAIT]),
    "with a proof that is text": lambda w: ({**issued(identity_card(), w.did), "proof": "signed"}, [PORTRAIT]),
    "expired": lambda w: (issued(identity_card(), w.did, day=date(2026, 1, 1)), [PORTRAIT]),
    "not yet valid": lambda w: (issued(identity_card(), w.did, day=date(2026, 12, 30)), [PORTRAIT]),
    "without its portrait": lambda w: (issued(identity_card(), w.did), []),
    "with another portrait": lambda w: (issued(identity_card(), w.did), [PORTRAIT + b"x"]),
    "with two portraits": lambda w: (issued(identity_card(), w.did), [PORTRAIT, PORTRAIT]),
    "with a portrait that nobody signed": lambda w: (issued(household_page(), w.did), [PORTRAIT]),
    "huge": lambda w: ({**issued(identity_card(), w.did), "description": "x" * 2**21}, [PORTRAIT]),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_a_card_that_is_not_in_order_does_not_come_in(
    wallet: Wallet, make: Callable[[Wallet], tuple[Any, list[bytes]]]
) -> None:
    credential, attachments = make(wallet)
    with pytest.raises(CardRefused) as caught:
        wallet.add(credential, attachments)
    assert caught.value.message
    assert caught.value.message_zh
    assert "王" not in caught.value.message + caught.value.message_zh
    assert wallet.list() == []


def test_the_same_card_does_not_come_in_twice(stocked: Wallet) -> None:
    first = stocked.list()[0]
    with pytest.raises(CardRefused, match="already"):
        stocked.add(first.credential, [PORTRAIT])
    assert len(stocked.list()) == 3


def test_a_card_whose_issuer_is_out_of_reach_comes_in_marked(wallet: Wallet) -> None:
    authority = SoftwareKey.from_seed("P-256", b"web").with_controller("did:web:ga.sc.example", "#key-1")
    card = wallet.add(issued(identity_card(), wallet.did, issuer=authority), [PORTRAIT])
    assert not card.issuer_checked
    assert not wallet.list()[0].issuer_checked


def test_cards_swapped_inside_the_file_do_not_open(stocked: Wallet, path: Path) -> None:
    first, second = stocked.list()[:2]
    with closing(sqlite3.connect(path)) as connection, connection:
        (sealed,) = connection.execute("SELECT sealed FROM cards WHERE id = ?", (second.id,)).fetchone()
        connection.execute("UPDATE cards SET sealed = ? WHERE id = ?", (sealed, first.id))
    with pytest.raises(WalletDamaged):
        stocked.list()


def test_a_new_pin_must_not_repeat_what_the_cards_say(stocked: Wallet, open_wallet: Open) -> None:
    for pin in ("900307", "199003", "510199"):
        with pytest.raises(PinWeak):
            stocked.change_pin(PIN, pin)
    open_wallet(PIN).close()


def test_a_pin_that_a_card_gives_away_later_is_advised_against(tmp_path: Path, keystore: Any, clock: Clock) -> None:
    with Wallet.create(tmp_path / "wallet" / "w", "900307", keystore, cost=COST, clock=clock) as wallet:
        assert wallet.pin_advice("900307") is None
        wallet.add(issued(member_page(), wallet.did))
        assert isinstance(wallet.pin_advice("900307"), PinWeak)
        assert wallet.pin_advice(PIN) is None


def file_of(credential: Any, *portraits: bytes) -> dict[str, Any]:
    attachments = {
        digest_multibase(p): {"mediaType": "image/jpeg", "data": multibase.encode_base64url(p)} for p in portraits
    }
    return {"reference": "r", "type": "t", "credential": credential, "attachments": attachments}


def test_an_issuers_file_holds_a_card_several_or_a_bare_credential() -> None:
    credential = {"type": ["VerifiableCredential"]}
    (one,) = read_card_files(json.dumps(file_of(credential, PORTRAIT)).encode())
    assert (one.credential, one.attachments) == (credential, (PORTRAIT,))
    both = read_card_files(json.dumps({"cards": [file_of(credential), file_of(credential, PORTRAIT)]}).encode())
    assert [len(card.attachments) for card in both] == [0, 1]
    (bare,) = read_card_files(json.dumps(credential).encode())
    assert (bare.credential, bare.attachments) == (credential, ())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "parse.json"),
        (b"[1]", "parse.form"),
        (b"{", "parse.json"),
        (b'{"a": 1, "a": 2}', "parse.duplicate_key"),
        (b'{"cards": []}', "message.form"),
        (b'{"cards": {}}', "message.form"),
        (b'{"cards": [1]}', "message.form"),
        (b'{"credential": []}', "message.form"),
        (b'{"credential": {}, "attachments": []}', "message.form"),
        (b'{"credential": {}, "attachments": {"z": 1}}', "message.form"),
        (b'{"credential": {}, "attachments": {"z": {"mediaType": "image/png", "data": "AA"}}}', "message.form"),
        (b'{"credential": {}, "attachments": {"z": {"mediaType": "image/jpeg", "data": "A=A"}}}', "message.form"),
        (b'{"credential": {}, "attachments": {"z": {"mediaType": "image/jpeg", "data": "AA"}}}', "message.attachment"),
        (b'{"cards": [{"credential": {}}, {"credential": 1}]}', "message.form"),
    ],
)
def test_a_file_of_another_form_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_card_files(content)
    assert caught.value.code == code
