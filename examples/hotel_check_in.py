"""A card from the register to a hotel's desk: authority, wallet and counter in one program, as libraries.

In real life they are three programs of three parties, which meet over HTTP, QR symbols or files. Needs
``pip install 'liangzheng[all]'``. All people are made up.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import did
import vc
from holder import Consent, Disclosure, FileKeystore, Wallet
from issuer import Authority, CodeDelivery
from issuer.portraits import draw_portrait
from vc.cards import CARDS
from vc.status import FileStatusSource, StatusChecker
from verifier import ReplayGuard, RequestBook, TrustList, Verifier, trust_list_credential

PIN = "503917"
NAME, NUMBER = "梁昊天", "510199198907182855"  # Of issuer/sample/sichuan.csv.
REGISTER = Path(__file__).parent.parent / "issuer" / "sample" / "sichuan.csv"


class Messages:
    """Where one-time codes go: a telephone network in real life."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    def deliver(self, delivery: CodeDelivery) -> None:
        self.codes[delivery.reference] = delivery.code


def consent(disclosure: Disclosure) -> Consent:
    """The holder looks at exactly what would leave, and agrees."""
    for card in disclosure.cards:
        for claim in card.claims:
            print(f"  leaves: {claim.label.zh} {claim.label.en}")
    return Consent(agreed=True)


def main(folder: Path) -> None:
    messages = Messages()
    key = did.generate("P-256")
    with (
        Authority(
            folder / "register.db",
            key,
            name="四川省公安厅（示例）",
            region="510000",
            base_url="https://licences.sichuan.example",
            channel=messages,
        ) as authority,
        Wallet.create(
            folder / "wallet" / "wallet.db", PIN, FileKeystore(folder / "device" / "phone.keystore")
        ) as wallet,
    ):
        # The authority: a register, a portrait, somebody who applies and proves who they are, and with which device.
        report = authority.import_file(REGISTER)
        print(report.imported, "people in the register")
        authority.set_portrait(NUMBER, draw_portrait(NUMBER, sex="1", age=37))
        application = authority.apply(NAME, NUMBER, kind="resident-identity-card")
        application = authority.prove(application.reference, messages.codes[application.reference])
        proof = wallet.prove_possession(str(application.challenge), str(application.domain), pin=PIN)
        for card in authority.issue(application.reference, proof):
            wallet.add(card.document, card.attachments.values())
            print("issued:", card.document["type"][-1])

        # The counter in Chongqing knows one trust anchor and has no network: lists are brought to it.
        lists = authority.publish(folder / "status")
        hotel = Verifier(
            did="did:web:hotel.chongqing.example",
            name="重庆示例旅馆",
            domain="https://hotel.chongqing.example",
            region="500000",
            trust=trust_list(authority),
            replay=ReplayGuard(folder / "hotel.db"),
            requests=RequestBook(folder / "hotel.db"),
            status=StatusChecker(FileStatusSource([found.path for found in lists if found.path])),
        )
        request = hotel.request("hotel-check-in")
        message = wallet.present(request, consent, pin=PIN)
        verdict = hotel.verify(message)
        assert verdict.verified, verdict.problems
        print("verified:", verdict.verified, "| portrait:", len(verdict.portraits) == 1)

        # One presentation, one verification.
        again = hotel.verify(message)
        assert not again.verified
        print("again:", again.problems[0].code)


def trust_list(authority: Authority) -> TrustList:
    """Signed by the anchor whose DID every counter knows: this authority may issue every card for its province."""
    anchor, now = did.generate("P-256"), datetime.now(UTC)
    unsigned = trust_list_credential(
        issuer=anchor.did,
        issuers=[
            {"did": authority.did, "name": authority.name, "cardType": sorted(CARDS), "region": [authority.region]}
        ],
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=30),
    )
    signed = vc.issue(unsigned, anchor, cryptosuite="ecdsa-rdfc-2019")
    return TrustList.load(signed, anchors=[anchor.did], now=now)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch))
