"""What the wallet says to people, in Chinese (``zh``) or English: cards, disclosures, log entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from did.languages import in_language
from vc.cards import Label
from vc.cards.calendar import day_of
from vc.cards.formats import FORMATS

from .cards import Card
from .consent import DisclosedCard, Disclosure
from .usage_log import Entry

__all__ = ["EVENTS", "card_line", "card_text", "disclosure_text", "entry_text", "unvouched"]

EVENTS: Final = {
    "created": ("新建卡包", "wallet made"),
    "card-added": ("领取证照", "card added"),
    "card-updated": ("更新证照", "card updated"),
    "card-removed": ("移除证照", "card removed"),
    "possession-proved": ("向签发方证明设备密钥", "device key proved to an issuer"),
    "presented": ("亮证", "presented"),
    "shown": ("自行出示", "shown without a request"),
    "declined": ("拒绝出示", "declined by the holder"),
    "request-refused": ("拒绝不合规的请求", "request refused"),
    "result": ("核验结果", "result"),
    "pin-refused": ("密码未通过", "PIN not accepted"),
    "pin-changed": ("修改密码", "PIN changed"),
    "log-erased": ("清除使用记录", "log erased"),
}


_NOBODY_VOUCHES: Final = (
    "没有人为这个名称担保：任何人都可以自称任何单位。请先确认对方身份，再出示。",
    "Nobody vouches for this name: anybody can call themselves anything. Make sure who it is before you show this.",
)
_SO_CALLED_POLICE: Final = (
    "对方自称警察，本机无法核实：请先查看对方的人民警察证。",
    "They say they are the police, which this device can't check: ask to see their police identity card first.",
)


def unvouched(disclosure: Disclosure) -> tuple[str, str]:
    """The warning, in Chinese and English, that the asker's name is its own word: requests are not signed."""
    if disclosure.scenario.verifier_class != "police":
        return _NOBODY_VOUCHES
    zh, en = zip(_NOBODY_VOUCHES, _SO_CALLED_POLICE, strict=True)
    return "".join(zh), " ".join(en)


def _chooser(language: str) -> Callable[[str, str], str]:
    return lambda zh, en: in_language(zh, en, language)


def card_line(card: Card, language: str) -> str:
    """One line: id, kind, end of validity."""
    t = _chooser(language)
    until = day_of(card.valid_until).isoformat() if card.valid_until else t("无期限", "no end")
    unchecked = "" if card.issuer_checked else t("（签发方密钥未能核对）", " (issuer's key was out of reach)")
    names = [FORMATS[name].label if name in FORMATS else Label(name, name) for name in card.forms]
    also = t(f"（另有 {'、'.join(name.zh for name in names)}）", f" (also as {', '.join(name.en for name in names)})")
    also = also if names else ""
    return f"{card.id}  {card.title.in_language(language)}  {t('有效至', 'valid until')} {until}{also}{unchecked}"


def card_text(card: Card, language: str) -> str:
    """Every claim with its label; the sensitive ones are marked."""
    lines = [card_line(card, language)]
    lines += [f"  {'*' if claim.sensitive else ' '} {claim.label}: {claim.text}" for claim in card.display(language)]
    return "\n".join(lines)


def disclosure_text(disclosure: Disclosure, language: str) -> str:
    """Exactly what would leave: who asks, what for, and each claim with its value. ``*`` marks sensitive ones."""
    t = _chooser(language)
    request, scenario = disclosure.request, disclosure.scenario
    lines = [
        f"{t('请求方', 'Asked by')}: {request.verifier_name} ({request.verifier_id})",
        f"!! {t(*unvouched(disclosure))}",
        f"{t('场景', 'Scenario')}: {scenario.title.in_language(language)}"
        f"{t('（按规定登记）', ' (registration by law)') if request.variant == 'law' else ''}",
        f"{t('用途', 'Purpose')}: {scenario.purpose.in_language(language)}",
    ]
    for card in disclosure.cards:
        lines += _card_lines(card, language)
    lines.append(f"({t('* 敏感信息', '* sensitive')})")
    return "\n".join(lines)


def _card_lines(card: DisclosedCard, language: str) -> list[str]:
    t = _chooser(language)
    optional = t("，可不出示", ", may be left out")
    head = f"{card.card.title.in_language(language)} [{card.place}]{optional if card.optional else ''}"
    lines = [f"{t('将出示', 'Will be shown')}: {head}"]
    for claim in card.claims:
        mark = "*" if claim.sensitive else " "
        may = optional if claim.optional else ""
        lines.append(f"  {mark} {claim.label.in_language(language)}: {claim.text.in_language(language)}{may}")
    lines += [f"  - {label.in_language(language)}: {t('证照上没有', 'not on the card')}" for label in card.absent]
    always = [
        f"{label.in_language(language)}{': ' if text.zh else ''}{text.in_language(language)}"
        for label, text in card.always
    ]
    return [*lines, f"  {t('必随证出示', 'Always shown with it')}: {'; '.join(always)}"]


def entry_text(entry: Entry, language: str) -> str:
    """One line of the usage log."""
    t = _chooser(language)
    zh, en = EVENTS.get(entry.event, (entry.event, entry.event))
    parts = [f"{entry.number:>4}  {entry.when}  {t(zh, en)}"]
    details = entry.details
    if "verifier" in details:
        parts.append(f"{details['verifier']['name']} [{details['scenario']}]")
    parts += [f"{card['type']}: {', '.join(card['claims'])}" for card in details.get("cards", ())]
    if "card" in details:
        parts.append(str(details["card"]["type"]))
    parts += [str(details[name]) for name in ("domain", "of", "result", "reason", "entries") if name in details]
    parts += [", ".join(details["reasons"])] if "reasons" in details else []
    return "  ".join(parts)
