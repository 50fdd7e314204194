"""How the verifier's results read on a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..terminal import t
from .definitions import card_set

if TYPE_CHECKING:
    from verifier import CounterVerdict, TrustList

__all__ = ["batch_line", "say_trust_list", "say_verdict"]

_MARKS = {"passed": "✓", "failed": "✗", "indeterminate": "?", "not applicable": "·", "not shown": "○"}
_RANK = {"not applicable": 0, "passed": 1, "not shown": 2, "indeterminate": 3, "failed": 4}
_NAMES = {
    "parse": "格式",
    "request": "亮证请求",
    "trust": "签发者信任",
    "portrait": "照片",
    "data_model": "数据模型",
    "context": "上下文",
    "proof_purpose": "证明用途",
    "challenge": "挑战值",
    "domain": "使用域",
    "proof_expiry": "证明时效",
    "verification_method": "验证方法",
    "holder_binding": "设备绑定",
    "issuer": "签发者",
    "proof": "签名",
    "validity_period": "有效期",
    "status": "证照状态",
    "credentials": "各证照",
    "schema": "模式",
    "card": "项目取值",
    "scenario": "场景要求",
    "region": "适用地区",
    "freshness": "时新性",
    "replay": "一次一验",
}


def say_verdict(verdict: CounterVerdict) -> str:
    """The verdict for the person at the counter: the result, the claims that were shown, what they count for."""
    from vc.problems import PROBLEMS

    undecided = t("无法判定，按未通过处理", "COULD NOT BE DECIDED: not verified")
    refused = undecided if verdict.indeterminate else t("未通过核验", "NOT VERIFIED")
    lines = [t("核验通过", "VERIFIED") if verdict.verified else refused]
    for problem in verdict.problems:
        kind = PROBLEMS[problem.code]
        where = f"  ({problem.pointer})" if problem.pointer else ""
        lines.append(f"  {t(kind.title_zh, kind.title)}: {problem.code}{where}: {problem.detail}")
    if verdict.verified:
        lines += _claims(verdict)
    lines += [f"  ! {t(label.zh, label.en)}" for label in verdict.advice]
    for warning in verdict.warnings:
        kind = PROBLEMS[warning.code]
        lines.append(f"  ! {t(kind.title_zh, kind.title)}: {warning.detail}")
    marks: dict[str, str] = {}
    for check in verdict.checks:
        marks[check.name] = max(marks.get(check.name, "not applicable"), check.outcome.value, key=_RANK.__getitem__)
    lines.append(
        "  " + "  ".join(f"{_MARKS[found]} {t(_NAMES.get(name, name), name)}" for name, found in marks.items())
    )
    if verdict.effect is not None:
        regions = t("、", ", ").join(name for _, name in verdict.effect.regions)
        title = verdict.effect.title
        lines.append(t(f"  场景：{title.zh}；地区：{regions}", f"  scenario: {title.en}; region: {regions}"))
        lines.append("  " + t(verdict.effect.notice.zh, verdict.effect.notice.en))
    return _printable(lines)


def _claims(verdict: CounterVerdict) -> list[str]:
    from vc.cards import display

    known = card_set()
    lines = []
    document = verdict.document or {}
    credentials = document.get("verifiableCredential", [])
    for credential in credentials if isinstance(credentials, list) else [credentials]:
        card = known.of_credential(credential)
        if card is not None:
            lines.append("  " + t(card.title.zh, card.title.en))
        for claim in display(credential, t("zh", "en"), cards=known):
            lines.append(f"    {claim.label}: {claim.text}")
    return lines


def batch_line(number: int, verdict: CounterVerdict) -> str:
    """One line of a batch's output: the number of the message, the verdict, no claims."""
    return json.dumps({"line": number, **verdict.to_dict()}, ensure_ascii=False)


def say_trust_list(trust: TrustList) -> str:
    """The trust list, entry by entry."""
    from vc.cards.codes import division

    document, known = trust.document, card_set()
    lines = [
        t(f"信任列表，签署者 {trust.signer}", f"trust list, signed by {trust.signer}"),
        t("  有效期", "  valid") + f" {document['validFrom']} – {document['validUntil']}",
    ]
    for issuer in trust.issuers:
        regions = ", ".join(division(code).full_name for code in sorted(issuer.regions))
        titles = [known[kind].title if kind in known else None for kind in sorted(issuer.card_types)]
        cards = ", ".join(t(title.zh, title.en) if title else "?" for title in titles)
        lines += [f"  {issuer.name}  {issuer.did}", f"    {regions}: {cards}"]
    for entry in trust.verifiers:
        lines.append(f"  {entry.name}  {entry.did}  [{entry.verifier_class}]")
    return _printable(lines)


def _printable(lines: list[str]) -> str:
    """The lines without control characters: what was shown to us must not steer the terminal."""
    return "\n".join("".join(char if char.isprintable() else "\ufffd" for char in line) for line in lines)
