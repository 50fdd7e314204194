"""What each line of the proof of possession is for: a device proves its own key, over this challenge, and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import did
import vc
from did import Resolver, SoftwareKey
from issuer.collecting import Collecting
from issuer.errors import DeviceError, StateError
from issuer.possession import device_of_presentation
from vc.integrity import CRYPTOSUITES

from .conftest import World

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PHONE, OTHER = (SoftwareKey.from_seed("P-256", name) for name in (b"phone that proves", b"phone of somebody else"))
V2 = "https://www.w3.org/ns/credentials/v2"


def presentation(key: SoftwareKey = PHONE, suite: str = "ecdsa-jcs-2019", **change: Any) -> dict[str, Any]:
    members = {name: change.pop(name) for name in ("challenge", "domain", "proofPurpose") if name in change}
    document = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": key.did, **change}
    document = {name: value for name, value in document.items() if value is not None}
    config = {  # type: ignore[misc]
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": key.verification_method,
        "proofPurpose": "authentication",
        "challenge": "c",
        "domain": "https://issuer.example",
        **members,
    }
    return {**document, "proof": CRYPTOSUITES[suite].create_proof(document, key, config)}


def proved(document: Any, now: datetime = NOW, resolver: Resolver | None = None) -> str:
    return device_of_presentation(
        document, challenge="c", domain="https://issuer.example", resolver=resolver or Resolver(), now=now
    )


def refused(document: Any, **options: Any) -> str:
    with pytest.raises(DeviceError) as raised:
        proved(document, **options)
    return raised.value.code


def test_a_device_is_the_one_whose_key_signed() -> None:
    assert proved(presentation()) == PHONE.did
    made = vc.present([], PHONE, challenge="c", domain="https://issuer.example", expires_in=300, now=NOW)
    assert proved(made) == PHONE.did


@pytest.mark.parametrize(
    "change",
    [
        {"challenge": "other"},
        {"domain": "https://other.example"},
        {"proofPurpose": "assertionMethod"},
        {"holder": OTHER.did},
    ],
)
def test_what_was_signed_for_something_else_proves_nothing(change: dict[str, Any]) -> None:
    assert refused(presentation(**change)) == "device.possession"


def test_nor_does_what_is_over_or_changed() -> None:
    document = vc.present([], PHONE, challenge="c", domain="https://issuer.example", expires_in=300, now=NOW)
    assert refused(document, now=NOW + timedelta(seconds=300)) == "device.possession"
    assert refused({**document, "holder": OTHER.did}) == "device.possession"
    assert refused({name: value for name, value in document.items() if name != "proof"}) == "device.possession"


def test_it_shows_no_credential() -> None:
    issuer = SoftwareKey.from_seed("P-256", b"an issuer")
    credential = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": issuer.did,
        "credentialSubject": {"id": PHONE.did},
    }
    secured = vc.issue(credential, issuer, now=NOW)
    assert refused(presentation(verifiableCredential=[secured])) == "device.credentials"
    own = {**credential, "issuer": PHONE.did}
    config = {"proofPurpose": "authentication", "challenge": "c", "domain": "https://issuer.example"}
    proof = CRYPTOSUITES["ecdsa-jcs-2019"].create_proof(
        own,
        PHONE,
        {
            "type": "DataIntegrityProof",
            "cryptosuite": "ecdsa-jcs-2019",
            "verificationMethod": PHONE.verification_method,
            **config,
        },
    )
    assert refused({**own, "proof": proof}) in ("device.credentials", "device.possession")


def test_it_is_signed_once_by_the_holder_it_names() -> None:
    once = presentation()
    assert refused({**once, "proof": [once["proof"], once["proof"]]}) == "device.form"
    nameless = presentation(holder=None)
    assert refused(nameless) == "device.form"
    assert refused(presentation(holder={"id": PHONE.did})) == "device.form"


@pytest.mark.parametrize(("key_type", "suite"), [("P-384", "ecdsa-jcs-2019"), ("Ed25519", "eddsa-jcs-2022")])
def test_its_key_is_of_the_kind_that_phones_keep(key_type: str, suite: str) -> None:
    key = SoftwareKey.from_seed(key_type, b"phone of another kind")
    assert refused(presentation(key, suite)) == "device.key"


def test_its_name_is_its_key() -> None:
    jwk = did.generate("P-256", method="jwk")
    assert refused(presentation(jwk)) == "device.key"

    class Web(Resolver):
        def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
            if did_url.startswith("did:web:"):
                return did.VerificationMethod(did_url, "Multikey", "did:web:phone.example", PHONE.public_key)
            return super().dereference(did_url, purpose)

    named = PHONE.with_controller("did:web:phone.example", "#key")
    assert refused(presentation(named), resolver=Web()) == "device.key"


class TestUpdates:
    def signed(self, lite: World, device: SoftwareKey, challenge: str) -> dict[str, Any]:
        domain = lite.authority.base_url
        return vc.present([], device, challenge=challenge, domain=domain, expires_in=300, now=lite.clock.now)

    def test_a_challenge_is_over_at_its_second(self, lite: World, device: SoftwareKey) -> None:
        [card] = lite.issue(device)
        collecting = Collecting(lite.authority)
        for seconds, good in ((-1, True), (0, False)):
            challenge, until = collecting.challenge(device.did)
            lite.clock.now = until + timedelta(seconds=seconds)
            if good:
                [outcome] = collecting.update([card.reference], self.signed(lite, device, challenge))
                assert outcome.refused is None
            else:
                with pytest.raises(StateError) as raised:
                    collecting.update([card.reference], self.signed(lite, device, challenge))
                assert raised.value.code == "device.challenge"

    def test_who_is_not_known_gets_a_challenge_that_opens_nothing(self, lite: World, device: SoftwareKey) -> None:
        for name in ("did:key:nobody", "\ud800", ""):
            challenge, _ = Collecting(lite.authority).challenge(name)
            assert challenge
        with pytest.raises(StateError):
            Collecting(lite.authority).update(["x"], self.signed(lite, device, challenge))

    def test_only_a_cause_that_stands_is_lifted(self, lite: World, device: SoftwareKey) -> None:
        [card] = lite.issue(device)
        lite.authority.suspend(card.reference, "authority-decision")
        for cause in ("holder-request", "endorsement-lapsed"):
            with pytest.raises(StateError) as raised:
                lite.authority.resume(card.reference, cause)
            assert raised.value.code == "credential.not_suspended"
            assert lite.authority.credential(card.reference).state == "suspended"

    def test_who_missed_an_answer_is_not_handed_a_card_that_has_ended(self, lite: World, device: SoftwareKey) -> None:
        [old] = lite.issue(device)
        row = {**lite.family[0], "户籍住址": "四川省成都市锦江区新居路9号"}
        lite.import_rows(row)
        assert lite.authority.update(old.reference)[0].kind == "changed"
        collecting = Collecting(lite.authority)
        for dead in (False, True):
            if dead:
                lite.import_rows({**row, "人员状态": "死亡"})
            challenge, _ = collecting.challenge(device.did)
            [outcome] = collecting.update([old.reference], self.signed(lite, device, challenge))
            assert outcome.kind == ("revoked" if dead else "changed")
            assert (outcome.card is None) is dead
