"""A card and a scenario from folders of one's own, from the register to the counter, as JSON-LD and as SD-JWT.

The definitions are cards/volunteer.json and scenarios/patrol-duty.json, beside this file: no code knows them. Needs
``pip install 'liangzheng[all]'``. All people are made up.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import did
import vc
from holder import FileKeystore, Wallet
from issuer import Authority, CodeDelivery
from vc import cards, scenarios
from vc.status import FileStatusSource, StatusChecker
from verifier import ReplayGuard, RequestBook, TrustList, Verifier, trust_list_credential
from webshell import card_picture

HERE = Path(__file__).parent
PIN = "503917"
NAME, NUMBER = "梁昊天", "510199198907182855"  # Of issuer/sample/sichuan.csv.

# The cards of the installation, and those of the folder; the scenarios of a folder, which may ask for either.
CARDS = cards.load(HERE / "cards", cards=cards.CARDS)
SCENARIOS = scenarios.load(HERE / "scenarios", cards=CARDS)

REGISTER = HERE.parent / "issuer" / "sample" / "sichuan.csv"

# What another office keeps of people who are in the register; a column is named by its fact or by its label.
VOLUNTEERS = f"""公民身份号码,姓名,志愿者编号,volunteer_since,volunteer_until
{NUMBER},{NAME},V-0042,2024-05-01,2036-04-30
"""


class Messages:
    """Where one-time codes go: a telephone network in real life."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    def deliver(self, delivery: CodeDelivery) -> None:
        self.codes[delivery.reference] = delivery.code


def main(folder: Path) -> None:
    messages = Messages()
    with (
        Authority(
            folder / "register.db",
            did.generate("P-256"),
            name="四川省公安厅（示例）",
            region="510000",
            base_url="https://licences.sichuan.example",
            channel=messages,
            cards=CARDS,
        ) as authority,
        Wallet.create(
            folder / "wallet" / "wallet.db",
            PIN,
            FileKeystore(folder / "device" / "device.keystore"),
            definitions=CARDS,
            scenarios=SCENARIOS,
        ) as wallet,
    ):
        authority.import_file(REGISTER)
        report = authority.import_file(VOLUNTEERS.encode())
        print(report.updated, "volunteer in the register, columns ignored:", len(report.ignored_columns))
        application = authority.apply(NAME, NUMBER, kind="volunteer-card")
        application = authority.prove(application.reference, messages.codes[application.reference])
        proof = wallet.prove_possession(str(application.challenge), str(application.domain), pin=PIN)
        for card in authority.issue(application.reference, proof, envelopes=["dc+sd-jwt"]):
            kept = wallet.add(card.document, card.attachments.values(), forms=card.envelopes)
            print("issued:", kept.title.zh, "as", ["JSON-LD", *kept.forms])
            picture = card_picture(kept.credential, cards=CARDS)
            print("drawn:", picture is not None and picture.title)

        lists = authority.publish(folder / "status")
        desk = Verifier(
            did="did:web:patrol.chengdu.example",
            name="成都样例巡防队",
            domain="https://patrol.chengdu.example",
            region="510000",
            trust=trust_list(authority),
            replay=ReplayGuard(folder / "desk.db"),
            requests=RequestBook(folder / "desk.db"),
            status=StatusChecker(FileStatusSource([found.path for found in lists if found.path])),
            cards=CARDS,
            scenarios=SCENARIOS,
        )
        for form in (None, "dc+sd-jwt"):
            message = wallet.present(desk.request("patrol-duty", envelope=form), lambda _: True, pin=PIN)
            verdict = desk.verify(message.to_dict())
            assert verdict.verified, verdict.problems
            assert verdict.effect is not None
            shown = verdict.document["verifiableCredential"][0] if verdict.document else {}
            print("verified:", verdict.effect.cards[0][1].zh, sorted(cards.claims_of(shown)))

        # A counter that was not given the definition does not guess.
        stranger = Verifier(
            did="did:web:patrol.chengdu.example",
            name="成都样例巡防队",
            domain="https://patrol.chengdu.example",
            trust=trust_list(authority),
            replay=ReplayGuard(folder / "other.db"),
            requests=RequestBook(folder / "other.db"),
        )
        refused = stranger.verify(message, desk.request("patrol-duty"))
        print("refused:", refused.problems[0].code)


def trust_list(authority: Authority) -> TrustList:
    """Signed by the anchor that the counter knows: this authority may issue these cards for its province."""
    anchor, now = did.generate("P-256"), datetime.now(UTC)
    entry = {"did": authority.did, "name": authority.name, "cardType": sorted(CARDS), "region": [authority.region]}
    unsigned = trust_list_credential(
        issuer=anchor.did,
        issuers=[entry],
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=30),
    )
    signed = vc.issue(unsigned, anchor, cryptosuite="ecdsa-rdfc-2019")
    return TrustList.load(signed, anchors=[anchor.did], now=now)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch))
