"""How checks and results read: names in two languages, problems put to the checks that found them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from did.languages import in_language
from vc.cards import Label
from vc.cards.formats import FORMATS
from vc.problems import PROBLEMS, Problem
from vc.scenarios import PresentationRequest, Scenario
from vc.verdict import Check, Outcome, Verdict

__all__ = [
    "CHECKS",
    "JSON_LD",
    "OUTCOMES",
    "ReadCheck",
    "cards_asked",
    "check_label",
    "detail_label",
    "envelope_of",
    "envelopes",
    "in_another_form",
    "outcome_of",
    "problem_detail",
    "problem_title",
    "read_checks",
    "refusing",
]

JSON_LD: Final = "json-ld"
"""The form of an answer that requests don't name, as the counter's forms name it."""

CHECKS: Mapping[str, Label] = {
    "parse": Label("格式", "Form"),
    "request": Label("亮证请求", "Request"),
    "trust": Label("签发者信任", "Trusted issuer"),
    "members": Label("应出示的内容", "What must be shown"),
    "portrait": Label("照片", "Portrait"),
    "data_model": Label("数据模型", "Data model"),
    "context": Label("上下文", "Contexts"),
    "proof": Label("签名", "Signature"),
    "proof_purpose": Label("证明用途", "Proof purpose"),
    "verification_method": Label("验证方法", "Verification method"),
    "proof_expiry": Label("证明时效", "Proof's time"),
    "challenge": Label("挑战值", "Challenge"),
    "domain": Label("使用域", "Domain"),
    "issuer": Label("签发者", "Issuer"),
    "holder": Label("持有人", "Holder"),
    "holder_binding": Label("设备绑定", "Bound to the device"),
    "proof_freshness": Label("出示时间", "When it was made"),
    "validity_period": Label("有效期", "Validity period"),
    "status": Label("证照状态", "Status"),
    "credentials": Label("各证照", "Credentials"),
    "schema": Label("模式", "Schema"),
    "expected_type": Label("凭证类型", "Expected type"),
    "expected_contexts": Label("上下文范围", "Expected contexts"),
    "trusted_issuer": Label("可信签发者", "Issuer trusted"),
    "shown": Label("要求出示的内容", "What has to be shown"),
    "card": Label("项目取值", "Values of the card"),
    "scenario": Label("场景要求", "Scenario"),
    "region": Label("适用地区", "Region"),
    "freshness": Label("时新性", "Freshness"),
    "replay": Label("一次一验", "Used once only"),
}

OUTCOMES: Mapping[str, Label] = {
    "passed": Label("通过", "Passed"),
    "failed": Label("未通过", "Refused"),
    "indeterminate": Label("无法判定", "Undecided"),
    "not applicable": Label("不适用", "Not applicable"),
    "not shown": Label("未出示", "Not shown"),
}
_DETAILS: Mapping[str, str] = {
    "not reached: a check before it failed": "未执行：前面的检查未通过",
    "no challenge was expected": "未要求比对挑战值",
    "no domain was expected": "未要求比对使用域",
    "the proof does not expire": "该证明不设期限",
    "the credential has no status": "该凭证没有状态",
    "a derived credential does not show whom it is bound to": "选择性披露未出示绑定对象",
    "the credential does not show whether it has a status": "未出示是否载有状态",
    "the credential does not show whether it has a schema": "未出示是否载有模式",
    "the credential does not show validFrom": "未出示有效期起",
    "the credential does not show validUntil": "未出示有效期止",
    "the credential does not show validFrom and validUntil": "未出示有效期",
    "a derived credential shows a part; that the whole fits its schema was for its issuer to check": (
        "选择性披露只含部分内容，整体是否符合模式由签发者检查"
    ),
}
_BAD = (Outcome.FAILED, Outcome.INDETERMINATE)


@dataclass(frozen=True, slots=True)
class ReadCheck:
    """A check and the problems it found."""

    check: Check
    problems: tuple[Problem, ...]


def check_label(name: str) -> Label:
    """The name of a check for people."""
    return CHECKS.get(name) or Label(name, name)


def problem_title(code: str, verdict: Verdict | None = None) -> Label:
    """The title of a problem's code for people; with ``verdict``, of that problem in it."""
    if verdict is not None and code == "message.form" and in_another_form(verdict):
        return Label("应答形式与请求不符", "Not in the form that was asked for")
    kind = PROBLEMS[code]
    return Label(kind.title_zh, kind.title)


def problem_detail(problem: Problem) -> Label:
    """The sentence of a problem for people; in English only where nobody has put it in Chinese."""
    return Label(problem.detail_zh or problem.detail, problem.detail)


def in_another_form(verdict: Verdict) -> bool:
    """Whether an answer that could be read was refused for its form, which is not the one that was asked for."""
    refused = any(check.name == "request" and check.outcome is Outcome.FAILED for check in verdict.checks)
    return refused and any(problem.code == "message.form" for problem in verdict.problems)


def envelopes() -> dict[str, Label]:
    """The formats that answers can be asked for in: as the counter's forms name them, and as people do."""
    return {JSON_LD if number == 0 else known.name: known.label for number, known in enumerate(FORMATS.usable())}


def envelope_of(request: PresentationRequest | None) -> str:
    """The form that a request asks for, as the counter's forms name it."""
    return JSON_LD if request is None or request.envelope is None else request.envelope


def detail_label(detail: str) -> Label:
    """The sentence of a check for people; the rare ones are in English only."""
    return Label(_DETAILS.get(detail, detail), detail)


def outcome_of(verdict: Verdict) -> str:
    """``passed``, ``failed``, or ``indeterminate`` when nothing failed but something could not be decided."""
    return "passed" if verdict.verified else "indeterminate" if verdict.indeterminate else "failed"


def cards_asked(scenario: Scenario, language: str) -> str:
    """The cards that a scenario asks for, those of which one is enough joined by an "or"."""
    groups: dict[str, list[str]] = {}
    for card in scenario.cards:
        title = scenario.definitions[card.type].title.in_language(language)
        if card.optional_card:
            title += in_language("（可选）", " (optional)", language)
        groups.setdefault(card.any_of or card.id, []).append(title)
    either, comma = in_language(" 或 ", " or ", language), in_language("、", ", ", language)
    texts = [either.join(dict.fromkeys(titles)) for titles in groups.values()]
    counted = {text: texts.count(text) for text in texts}
    return comma.join(text if count == 1 else f"{text} × {count}" for text, count in counted.items())


def refusing(verdict: Verdict) -> str:
    """The name of the first check that refused, empty when verified."""
    if verdict.verified:
        return ""
    for outcome in _BAD:
        for check in verdict.checks:
            if check.outcome is outcome:
                return check.name
    return "proof"


def read_checks(verdict: Verdict) -> list[ReadCheck]:
    """The checks in order, each with its problems.

    Checks and problems are recorded in the same order, and a check's detail is its first problem's.
    """
    left = list(verdict.problems)
    bad = [check for check in verdict.checks if check.outcome in _BAD]
    found: dict[int, list[Problem]] = {}
    for place, check in enumerate(bad):
        following = bad[place + 1].detail if place + 1 < len(bad) else None
        mine: list[Problem] = []
        while left and (not mine or following is None or left[0].detail != following):
            mine.append(left.pop(0))
        found[id(check)] = mine
    return [ReadCheck(check, tuple(found.get(id(check), ()))) for check in verdict.checks]
