"""Whatever is done to cards in whatever order, the register, the published bits and the audit log agree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

import did
from issuer.audit import Act
from issuer.authority import Authority
from issuer.environment import system_clock
from issuer.errors import StateError
from issuer.imports import read_people, save_people
from issuer.issuance import Issuance
from issuer.lifecycle import SUSPENSION_CAUSES
from issuer.tables import CredentialRecord, Device, Person, StatusEntry
from vc.cards.calendar import day_of
from vc.cards.identifiers import identity_check_character

_BODY = "51019919850214011"
_NUMBER = _BODY + identity_check_character(_BODY)
_CSV = (
    "公民身份号码,姓名,民族,户籍行政区划,户籍住址,户号,户别,与户主关系,户口登记机关,户口登记机关行政区划,登记日期\n"
    f"{_BODY}{identity_check_character(_BODY)},张伟,汉,510104,示例路1号,1,家庭户,户主,锦江区分局,510104,2012-02-01\n"
).encode()
_CAUSES = st.sampled_from([cause for cause in SUSPENSION_CAUSES if cause != "device-lost"])


class Cards(RuleBasedStateMachine):
    """A model beside the authority: for each card, revoked or not and its causes; for each device, its state."""

    cards = Bundle("cards")
    devices = Bundle("devices")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        key = did.SoftwareKey.from_seed("P-256", b"states")
        self.authority = Authority(
            Path(self.folder.name) / "r.db", key, name="n", region="510000", base_url="https://a.example"
        )
        # One sort of card without portrait, made without the ceremony of an application.
        self.issuance: Issuance = self.authority.issuance
        parsed = read_people(_CSV, today=day_of(system_clock()))
        self.act(lambda act: save_people(act, parsed))
        self.causes: dict[str, set[str]] = {}
        self.revoked: set[str] = set()
        self.device_of: dict[str, str] = {}
        self.device_state: dict[str, str] = {}
        # What stands against new cards: a cause of suspension, a revocation, or a lost device.
        self.holds: set[str] = set()

    def act(self, work: Any) -> Any:
        return self.authority.database.run(lambda session: work(Act(session, system_clock(), "test")))

    def teardown(self) -> None:
        if hasattr(self, "authority"):
            self.authority.close()
            self.folder.cleanup()

    @rule(target=devices)
    def new_device(self) -> str:
        name = did.generate("P-256").did

        def add(act: Act) -> None:
            person = act.session.scalars(select(Person)).one()
            act.session.add(Device(did=name, person_id=person.id, state="active", created_at=act.at))

        self.act(add)
        self.device_state[name] = "active"
        return name

    @rule(target=cards, device=devices, card_type=st.sampled_from(["HouseholdMemberCredential"]))
    def issue(self, device: str, card_type: str) -> str:
        held = any(self.device_of[card] == device and card not in self.revoked for card in self.causes)

        def work(act: Act) -> str:
            person = act.session.scalars(select(Person)).one()
            row = act.session.scalars(select(Device).where(Device.did == device)).one()
            return str(self.issuance.issue(act, person, card_type, row).reference)

        if held or self.holds or self.device_state[device] != "active":
            self.refused(lambda: self.act(work))
            return next((card for card in self.causes if self.device_of[card] == device), "none")
        card: str = self.act(work)
        self.causes[card], self.device_of[card] = set(), device
        return card

    @rule(card=cards, cause=_CAUSES)
    def suspend(self, card: str, cause: str) -> None:
        if card not in self.causes:
            return
        if card in self.revoked or cause in self.causes[card]:
            self.refused(lambda: self.authority.suspend(card, cause))
        else:
            self.authority.suspend(card, cause)
            for concerned in self.in_use() if cause == "authority-decision" else [card]:
                self.causes[concerned].add(cause)
            if cause != "endorsement-lapsed":
                self.holds.add(cause)

    @rule(card=cards, cause=_CAUSES)
    def resume(self, card: str, cause: str) -> None:
        if card not in self.causes:
            return
        if card in self.revoked or cause not in self.causes[card]:
            self.refused(lambda: self.authority.resume(card, cause))
        else:
            self.authority.resume(card, cause)
            for concerned in self.in_use() if cause == "authority-decision" else [card]:
                self.causes[concerned].discard(cause)
            if not any(cause in self.causes[other] for other in self.in_use()):
                self.holds.discard(cause)

    @rule(card=cards, reason=st.sampled_from(["holder-request", "holder-request", "authority-decision"]))
    def revoke(self, card: str, reason: str) -> None:
        if card not in self.causes:
            return
        if card in self.revoked:
            self.refused(lambda: self.authority.revoke(card, reason))
        elif reason == "authority-decision":
            self.authority.revoke(card, reason)
            self.revoked |= set(self.causes)
            self.holds.add("revoked")
        else:
            self.authority.revoke(card, reason)
            self.revoked.add(card)

    @rule()
    def lift_all(self) -> None:
        for hold in self.authority.holds(_NUMBER):
            if hold.rule.lifted_by.value == "phone":
                self.refused(lambda: self.authority.lift_hold(hold.id))  # noqa: B023 - called at once
            else:
                self.authority.lift_hold(hold.id)
        lifted = {"holder-request", "authority-decision", "revoked"} & self.holds
        self.holds -= lifted
        for card in self.in_use():
            self.causes[card] -= lifted

    @rule(device=devices)
    def lose(self, device: str) -> None:
        if self.device_state[device] != "active":
            self.refused(lambda: self.authority.report_lost(device))
            return
        self.authority.report_lost(device)
        self.device_state[device] = "lost"
        for card in self.of(device):
            self.causes[card].add("device-lost")
            self.holds.add(device)

    @rule(device=devices)
    def find(self, device: str) -> None:
        if self.device_state[device] != "lost":
            self.refused(lambda: self.authority.report_found(device))
            return
        self.authority.report_found(device)
        self.device_state[device] = "active"
        self.holds.discard(device)
        for card in self.of(device):
            self.causes[card].discard("device-lost")

    @rule(device=devices)
    def confirm(self, device: str) -> None:
        if self.device_state[device] == "retired":
            self.refused(lambda: self.authority.confirm_lost(device))
            return
        self.authority.confirm_lost(device)
        self.device_state[device] = "retired"
        self.holds.discard(device)
        self.revoked |= set(self.of(device))

    def in_use(self) -> list[str]:
        return [card for card in self.causes if card not in self.revoked]

    def of(self, device: str) -> list[str]:
        return [card for card in self.causes if self.device_of[card] == device and card not in self.revoked]

    def refused(self, call: Any) -> None:
        try:
            call()
        except StateError:
            return
        raise AssertionError("this should have been refused")

    @invariant()
    def states_and_bits_agree(self) -> None:
        if not hasattr(self, "authority"):
            return
        with self.authority.database.reading() as session:
            for record in session.scalars(select(CredentialRecord)):
                card = record.reference
                suspended = bool(self.causes[card])
                wanted = "revoked" if card in self.revoked else "suspended" if suspended else "active"
                assert record.state == wanted
                bits = {entry.purpose: entry.value for entry in record.status_entries}
                assert bits["revocation"] == (card in self.revoked)
                if card not in self.revoked:
                    assert bits["suspension"] == suspended
            drawn = session.execute(select(func.count()).select_from(StatusEntry)).scalar_one()
            assert drawn == 2 * len(self.causes)
        assert bool(self.authority.holds(_NUMBER)) == bool(self.holds)
        assert self.authority.verify_audit().intact


TestCards = Cards.TestCase
TestCards.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
