"""The cards as SD-JWT VCs: from the same model as the JSON-LD form, bound to the same device key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

import did
import vc
from vc import cards
from vc.cards import CARDS, CardDefinition, claims_of, from_credential, to_credential
from vc.cards.formats import sd_jwt_vc as card_claims
from vc.envelope import EnvelopeProfile
from vc.problems import ProblemError

Claims = Callable[[str], dict[str, Any]]
DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 2, 4, tzinfo=UTC)
ISSUER = did.SoftwareKey.from_seed("P-256", b"issuer")
DEVICE = did.SoftwareKey.from_seed("P-256", b"device")
STATUS = {
    "id": "https://authority.example/lists/1#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": "https://authority.example/lists/1",
}


def credential(card: CardDefinition, claims: Claims, **options: Any) -> dict[str, Any]:
    options.setdefault("issuer", ISSUER.did)
    return to_credential(claims(card.type), definition=card, valid_from=DAY, holder_did=DEVICE.did, **options)


def issued(document: dict[str, Any]) -> str:
    secured = cards.issue_enveloped(document, ISSUER, envelope="dc+sd-jwt", holder_key=DEVICE.public_key, now=NOW)
    assert isinstance(secured, str)
    return secured


def profile(card: CardDefinition) -> EnvelopeProfile:
    return EnvelopeProfile(type_metadata={card_claims.vct_of(card): card_claims.type_metadata(card)})


def test_every_card_has_both_forms_of_one_model(card: CardDefinition, claims: Claims) -> None:
    document = credential(card, claims, issuer={"id": ISSUER.did, "name": "An authority"}, credential_id="urn:uuid:1")
    verdict = vc.verify(issued(document), now=NOW, envelopes=profile(card))
    assert verdict.verified, verdict.problems
    assert "type_metadata" in {check.name for check in verdict.checks}
    assert verdict.document is not None
    back = card_claims.to_credential(verdict.document)
    assert back == document
    assert from_credential(back) == from_credential(document)


def test_what_is_always_shown_and_what_is_chosen_are_those_of_the_definition(
    card: CardDefinition, claims: Claims
) -> None:
    document = credential(card, claims)
    selective = [
        claim for claim in card.claims.values() if claim.disclosure != "M" and claim.term in claims_of(document)
    ]
    chosen = [f"/{selective[0].term}"] if selective else []
    shown = vc.derive_enveloped(issued(document), chosen, signer=DEVICE, challenge="c", domain="d", now=NOW)
    verdict = vc.verify(shown, challenge="c", domain="d", now=NOW, envelopes=profile(card))
    assert verdict.verified, verdict.problems
    assert verdict.document is not None
    always = {c.term for c in card.claims.values() if c.disclosure == "M" and c.term in claims_of(document)}
    assert verdict.document.keys() & card.claims.keys() == always | {pointer[1:] for pointer in chosen}
    assert verdict.document["cnf"] == {"jwk": DEVICE.public_key.to_jwk()}
    assert verdict.document["sub"] == DEVICE.did


def test_another_device_can_not_show_the_card(card: CardDefinition, claims: Claims) -> None:
    other = did.SoftwareKey.from_seed("P-256", b"other device")
    with pytest.raises(ProblemError) as refused:
        vc.derive_enveloped(issued(credential(card, claims)), [], signer=other, challenge="c", domain="d", now=NOW)
    assert refused.value.code == "holder.binding"


def test_the_data_model_form_hides_the_same_claims(card: CardDefinition, claims: Claims) -> None:
    document = credential(card, claims)
    secured = cards.issue_enveloped(document, ISSUER, envelope="vc+sd-jwt", holder_key=DEVICE.public_key)
    shown = vc.derive_enveloped(str(secured), [], signer=DEVICE, challenge="c", domain="d", now=NOW)
    verdict = vc.verify(shown, challenge="c", domain="d", now=NOW)
    assert verdict.verified, verdict.problems
    assert verdict.document is not None
    hidden = {claim.term for claim in card.claims.values() if claim.disclosure != "M"}
    assert not hidden & verdict.document["credentialSubject"].keys()


def test_a_status_entry_travels_along_and_is_noted(claims: Claims) -> None:
    card = CARDS["ResidentIdentityCardCredential"]
    verdict = vc.verify(issued(credential(card, claims, status=STATUS)), now=NOW)
    assert verdict.verified
    assert verdict.document is not None
    assert verdict.document["credentialStatus"] == STATUS
    assert "warning.status" in {warning.code for warning in verdict.warnings}


def test_types_are_told_apart() -> None:
    names = [card_claims.vct_of(card) for card in CARDS.every()]
    assert len(set(names)) == len(names)
    assert all(card_claims.card_of_vct(name) is not None for name in names)
    assert card_claims.card_of_vct("https://example.org/x") is None
    assert card_claims.card_of_vct(5) is None


@pytest.mark.parametrize(
    "change",
    [{"type": ["VerifiableCredential"]}, {"credentialSubject": []}, {"issuer": 5}, {"validFrom": "today"}],
    ids=str,
)
def test_what_is_no_card_has_no_such_form(claims: Claims, change: dict[str, Any]) -> None:
    document = {**credential(CARDS["ResidentIdentityCardCredential"], claims), **change}
    with pytest.raises(ProblemError):
        cards.issue_enveloped(document, ISSUER, envelope="dc+sd-jwt")


def test_claims_of_another_type_are_no_card() -> None:
    with pytest.raises(ProblemError) as refused:
        card_claims.to_credential({"vct": "https://example.org/x"})
    assert refused.value.code == "card.unknown"
