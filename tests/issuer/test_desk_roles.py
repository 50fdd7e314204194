"""The desk itself refuses what a role does not include, whatever stands before it: pages, commands, other programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from issuer.desk import Desk, ForbiddenError
from issuer.officers import OfficerView, Role

_CLERKS_WORK: dict[str, Callable[[Desk, OfficerView], object]] = {
    "search": lambda desk, officer: desk.search(officer, "张"),
    "person": lambda desk, officer: desk.person(officer, 1),
    "portrait": lambda desk, officer: desk.portrait(officer, 1),
    "correct": lambda desk, officer: desk.correct(officer, 1, {"name": "张三"}),
    "applications": lambda desk, officer: desk.applications(officer),
    "issue": lambda desk, officer: desk.issue(officer, 1, kind="ResidentIdentityCardCredential"),
    "offer": lambda desk, officer: desk.offer(officer, "unknown"),
    "suspend": lambda desk, officer: desk.suspend(officer, "urn:x", "reported"),
    "resume": lambda desk, officer: desk.resume(officer, "urn:x"),
    "report_lost": lambda desk, officer: desk.report_lost(officer, 1),
    "report_found": lambda desk, officer: desk.report_found(officer, 1),
}
_SUPERVISORS_WORK: dict[str, Callable[[Desk, OfficerView], object]] = {
    "revoke": lambda desk, officer: desk.revoke(officer, "urn:x", "reported"),
    "set_life_status": lambda desk, officer: desk.set_life_status(officer, 1, "deceased"),
}
_AUDITORS_WORK: dict[str, Callable[[Desk, OfficerView], object]] = {
    "audit_entries": lambda desk, officer: desk.audit_entries(officer),
    "verify_audit": lambda desk, officer: desk.verify_audit(officer),
}


def _officer(role: Role) -> OfficerView:
    return OfficerView(1, role.value, "王芳", role, "stamp")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        *((Role.AUDITOR, name) for name in {**_CLERKS_WORK, **_SUPERVISORS_WORK}),
        *((Role.CLERK, name) for name in {**_SUPERVISORS_WORK, **_AUDITORS_WORK}),
    ],
)
def test_a_role_does_its_own_work_and_no_other(lite: Any, role: Role, name: str) -> None:
    work = {**_CLERKS_WORK, **_SUPERVISORS_WORK, **_AUDITORS_WORK}[name]
    with pytest.raises(ForbiddenError):
        work(Desk(lite.authority), _officer(role))
