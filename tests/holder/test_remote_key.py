"""A wallet whose device key is elsewhere presents nothing without that key, nor without the PIN."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import vc
from did import SoftwareKey, generate
from holder import FileKeystore, PinWrong, RemoteDeviceKey, SignatureNotGranted, Wallet
from holder.answering import _looks_like
from vc.cards.formats import FORMATS
from vc.problems import ProblemError

from .conftest import COST, PIN, PORTRAIT, Clock, identity_card, issued, request

PHONE = SoftwareKey.from_seed("P-256", b"the key in the phone")
CHALLENGE, DOMAIN = "n3Kx8pQ0vT5yR2mW", "https://hotel.cq.example"

KEY_BINDING = b"eyJhbGciOiJFUzI1NiIsInR5cCI6ImtiK2p3dCJ9."
"""The header of a key binding by a P-256 key, with its dot."""


@pytest.fixture
def remote(path: Path, keystore: FileKeystore, clock: Clock) -> Iterator[Wallet]:
    key = RemoteDeviceKey(PHONE.public_key)
    with Wallet.create(path, PIN, keystore, device_key=key, cost=COST, clock=clock) as made:
        made.add(issued(identity_card(), made.did), [PORTRAIT])
        yield made


def test_the_wallet_speaks_for_the_phones_key(remote: Wallet) -> None:
    assert remote.did == PHONE.did
    assert remote.device_key.verification_method == PHONE.verification_method


def test_the_phones_signature_completes_a_presentation(remote: Wallet, clock: Clock) -> None:
    pending = remote.prepare(request("hotel-check-in", clock), lambda _: True, pin=PIN)
    sent = pending.complete([PHONE.sign(data) for data in pending.data_to_sign])
    verdict = vc.verify(sent.presentation, challenge=CHALLENGE, domain=DOMAIN, now=clock.now)
    assert verdict.verified, verdict.problems
    assert list(sent.attachments.values()) == [PORTRAIT]


def test_without_the_phone_there_is_no_presentation(remote: Wallet, clock: Clock) -> None:
    with pytest.raises(SignatureNotGranted):
        remote.present(request("hotel-check-in", clock), lambda _: True, pin=PIN)
    with pytest.raises(SignatureNotGranted):
        remote.prove_possession(CHALLENGE, DOMAIN, pin=PIN)
    pending = remote.prepare(request("hotel-check-in", clock), lambda _: True, pin=PIN)
    for signature in (b"", bytes(64), generate("P-256").sign(pending.data_to_sign[0])):
        with pytest.raises(ProblemError):
            pending.complete([signature])
    with pytest.raises(ValueError, match="zip"):
        pending.complete([])


def test_without_the_pin_nothing_is_prepared(remote: Wallet, clock: Clock) -> None:
    with pytest.raises(PinWrong):
        remote.prepare(request("hotel-check-in", clock), lambda _: True, pin="402918")
    with pytest.raises(PinWrong):
        remote.prepare_possession(CHALLENGE, DOMAIN, pin="402918")


def test_possession_is_proved_with_the_phones_signature(remote: Wallet, clock: Clock) -> None:
    pending = remote.prepare_possession(CHALLENGE, DOMAIN, pin=PIN)
    proof = pending.complete(PHONE.sign(pending.data_to_sign))
    assert vc.verify(proof, challenge=CHALLENGE, domain=DOMAIN, now=clock.now).verified


def test_it_is_the_same_key_after_opening_again(
    remote: Wallet, path: Path, keystore: FileKeystore, clock: Clock
) -> None:
    with Wallet.open(path, PIN, keystore, clock=clock) as again:
        assert again.did == PHONE.did
        assert isinstance(again.device_key, RemoteDeviceKey)


def test_a_key_that_can_sign_elsewhere_signs_once_the_pin_was_given(
    path: Path, keystore: FileKeystore, clock: Clock
) -> None:
    with Wallet.create(path, PIN, keystore, cost=COST, clock=clock, device_key=PHONE) as made:
        made.add(issued(identity_card(), made.did), [PORTRAIT])
        with pytest.raises(PinWrong):
            made.present(request("hotel-check-in", clock), lambda _: True, pin="402918")
    with Wallet.open(path, PIN, keystore, clock=clock, device_key=PHONE) as again:
        sent = again.present(request("hotel-check-in", clock), lambda _: True, pin=PIN)
        assert vc.verify(sent.presentation, challenge=CHALLENGE, domain=DOMAIN, now=clock.now).verified
        assert vc.verify(again.prove_possession(CHALLENGE, DOMAIN, pin=PIN), challenge=CHALLENGE).document is not None
    with Wallet.open(path, PIN, keystore, clock=clock) as without, pytest.raises(SignatureNotGranted):
        without.prove_possession(CHALLENGE, DOMAIN, pin=PIN)
    with pytest.raises(ValueError, match="not that of the device key"):
        Wallet.open(path, PIN, keystore, clock=clock, device_key=generate("P-256"))


@pytest.mark.parametrize("key_type", ["Ed25519", "P-384"])
def test_another_kind_of_key_is_no_device_key(key_type: str) -> None:
    with pytest.raises(ValueError, match="P-256"):
        RemoteDeviceKey(generate(key_type).public_key)


def test_what_is_shown_without_a_request_answers_nobodys(remote: Wallet, clock: Clock) -> None:
    card = remote.list()[0]
    pending = remote.prepare_shown(card.id, ["name", "portrait"], pin=PIN)
    sent = pending.complete([PHONE.sign(data) for data in pending.data_to_sign])
    shown = sent.presentation["verifiableCredential"][0]["credentialSubject"]
    assert set(shown) == {"id", "type", "name", "portrait", "issuingProvince"}
    assert vc.verify(sent.presentation, now=clock.now).verified
    assert not vc.verify(sent.presentation, challenge=CHALLENGE, domain=DOMAIN, now=clock.now).verified
    assert remote.log.entries()[-1].event == "shown"
    for terms in (["nothing"], ["issuingProvince"], ["id"]):
        with pytest.raises(ValueError, match="does not have"):
            remote.prepare_shown(card.id, terms, pin=PIN)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x" * 63, id="one byte short of two hashes"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"liangzheng wallet\nopen\n", id="what opens the wallet"),
        pytest.param(KEY_BINDING, id="a header alone"),
        pytest.param(KEY_BINDING + b"e30.e30", id="a part more"),
        pytest.param(KEY_BINDING + b"e30\n", id="a line end"),
        pytest.param(KEY_BINDING.replace(b".", b"") + b"e30", id="no dot"),
    ],
)
def test_a_device_key_is_given_nothing_else_to_sign(data: bytes) -> None:
    forms = [form for made in FORMATS.usable() for form in made.device_signs]
    assert not _looks_like(data, forms)


def test_a_device_key_is_given_what_the_formats_sign() -> None:
    forms = [form for made in FORMATS.usable() for form in made.device_signs]
    assert _looks_like(bytes(64), forms)
    assert _looks_like(KEY_BINDING + b"eyJub25jZSI6IjEifQ", forms)
