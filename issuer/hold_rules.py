"""The rules of holds, as data: which act makes one, what lifts it, and what the resident is told to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "AUTHORITY_REVOKED",
    "AUTHORITY_SUSPENDED",
    "HOLDER_SUSPENDED",
    "LOST_PHONE",
    "RULES",
    "HoldRule",
    "LiftedBy",
    "rule_of_revocation",
    "rule_of_suspension",
]


class LiftedBy(StrEnum):
    """What lifts a hold."""

    OFFICER = "officer"
    """An officer who may suspend, at the desk, with the resident identified."""
    SUPERVISOR = "supervisor"
    """An officer who may revoke."""
    REGISTER = "register"
    """The register, when it says again that the person lives here."""
    PHONE = "phone"
    """The lost phone: found at the desk, replaced by another, or given up for good."""


@dataclass(frozen=True, slots=True)
class HoldRule:
    """One kind of hold: why it stands, what lifts it, and what the resident is to do (Chinese, English)."""

    name: str
    lifted_by: LiftedBy
    zh: str
    en: str
    todo_zh: str
    todo_en: str


AUTHORITY_SUSPENDED, AUTHORITY_REVOKED = "authority-suspended", "authority-revoked"
HOLDER_SUSPENDED, LOST_PHONE = "holder-suspended", "phone-lost"
_GONE = ("deceased", "emigrated")
_TO_THE_AUTHORITY = ("请携带身份证件到签发机关窗口办理", "Come to the authority's desk with your identity document")

RULES: Mapping[str, HoldRule] = {
    rule.name: rule
    for rule in (
        HoldRule(
            AUTHORITY_SUSPENDED,
            LiftedBy.SUPERVISOR,
            "机关决定暂停该证照",
            "the authority suspended this kind of card",
            *_TO_THE_AUTHORITY,
        ),
        HoldRule(
            AUTHORITY_REVOKED,
            LiftedBy.SUPERVISOR,
            "机关决定吊销该证照",
            "the authority revoked this kind of card",
            *_TO_THE_AUTHORITY,
        ),
        HoldRule(
            HOLDER_SUSPENDED,
            LiftedBy.OFFICER,
            "您申请暂停了该证照",
            "this kind of card is suspended at your request",
            "请携带身份证件到窗口解除暂停",
            "Come to the desk with your identity document to end the suspension",
        ),
        HoldRule(
            LOST_PHONE,
            LiftedBy.PHONE,
            "该证照所在的手机已报失",
            "the phone that holds this card is reported lost",
            "请在“手机”页换领到新手机，或确认找不回；手机已找到的，请到窗口办理恢复",
            "On the page Phones, move to a new phone or say that it is gone. If you found it, come to the desk",
        ),
        *(
            HoldRule(
                f"person-{status}",
                LiftedBy.REGISTER,
                zh,
                en,
                "登记有误的，请到户籍窗口更正",
                "If the register is wrong, have it corrected at the desk",
            )
            for status, zh, en in (
                ("deceased", "证照因登记为死亡而吊销", "the card was revoked because its holder is registered as dead"),
                (
                    "emigrated",
                    "证照因登记为出国定居而吊销",
                    "the card was revoked because its holder is registered as emigrated",
                ),
            )
        ),
    )
}
"""Name -> rule. A cause of suspension or reason of revocation that makes none is in nobody's way."""

_SUSPENSIONS = {"authority-decision": AUTHORITY_SUSPENDED, "holder-request": HOLDER_SUSPENDED}
_REVOCATIONS = {"authority-decision": AUTHORITY_REVOKED, **{status: f"person-{status}" for status in _GONE}}


def rule_of_suspension(cause: str) -> str | None:
    """The rule that a suspension for ``cause`` makes a hold by."""
    return _SUSPENSIONS.get(cause)


def rule_of_revocation(reason: str) -> str | None:
    """The rule that a revocation for ``reason`` makes a hold by."""
    return _REVOCATIONS.get(reason)
