"""The made-up register of ``liangzheng serve all``: somebody there can claim every card there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import did
import vc
from issuer.officers import OfficerView
from issuer.web.context import CONTEXT
from liangzheng.applications import Applications, open_applications
from vc.cards import CARDS

pytestmark = pytest.mark.long

ORIGINS = {role: f"http://127.0.0.1:{port}" for port, role in enumerate(("issuer", "holder", "verifier"), 4001)}
DAYS = (datetime(2026, 11, 23, 4, tzinfo=UTC), datetime(2028, 2, 29, 4, tzinfo=UTC))


def _at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _officer(applications: Applications, name: str = "clerk") -> OfficerView:
    accounts = dict(line.split() for line in applications.accounts.read_text(encoding="utf-8").splitlines())
    return applications.portal[CONTEXT].officers.sign_in(name, accounts[name])


def _claimed(applications: Applications, now: datetime, device: did.SoftwareKey, **selection: str) -> list[str]:
    """The types of the cards that somebody gets for a kind or a department."""
    context, officer = applications.portal[CONTEXT], _officer(applications)
    [row] = context.desk.search(officer, applications.somebody[1])
    view = context.authority.challenge(context.desk.issue(officer, row.id, **selection).reference)
    context.authority.offers.ask(view.reference, device.did)
    context.desk.admit(_officer(applications, "supervisor"), view.reference, device.did)
    proof = vc.present([], device, challenge=view.challenge, domain=view.domain, now=now)
    return [card.card_type for card in context.authority.issue(view.reference, proof)]


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_somebody_claims_every_card_by_kind_and_by_department(tmp_path: Path, now: datetime) -> None:
    with open_applications(tmp_path / "home", ORIGINS, clock=_at(now)) as applications:
        device = did.generate("P-256")
        by_kind = {card.type: _claimed(applications, now, device, kind=card.kind) for card in CARDS.values()}
        assert by_kind == {card: [card] for card in CARDS}
        device = did.generate("P-256")
        departments = {card.department_id for card in CARDS.values()}
        by_department = [_claimed(applications, now, device, department=department) for department in departments]
        assert sorted(card for cards in by_department for card in cards) == sorted(CARDS)


def test_what_an_officer_corrects_in_somebody_s_entry_stays_so_after_a_restart(tmp_path: Path) -> None:
    wanted = {"registered_address": "新路9号", "plate_number": "川A·Z9999", "driving_valid_until": "2039-01-01"}
    for start, now in enumerate(DAYS):
        with open_applications(tmp_path / "home", ORIGINS, clock=_at(now)) as applications:
            desk, officer = applications.portal[CONTEXT].desk, _officer(applications)
            [row] = desk.search(officer, applications.somebody[1])
            correction = desk.correct(officer, row.id, wanted)
            assert correction.problems == ()
            assert correction.changed == (tuple(sorted(wanted)) if start == 0 else ())
