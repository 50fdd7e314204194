"""The forms of a card that came beside its JSON-LD credential: taken in only as the same card, for the same device."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contexts import ContextRegistry
from vc.cards import CardSet
from vc.cards.calendar import parse_moment
from vc.cards.display import claims_of
from vc.cards.formats import CardFormat
from vc.model import identifier_of
from vc.problems import ProblemError

from .errors import CardRefused

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["check_form"]

_MAX_FORM = 1024 * 1024


def check_form(
    form: CardFormat,
    held: str,
    credential: Mapping[str, Any],
    device: str,
    *,
    now: datetime,
    resolver: Resolver | None,
    contexts: ContextRegistry,
    cards: CardSet,
) -> bool:
    """Whether ``held`` is the same card as ``credential``, for the same device; False: its issuer is out of reach.

    Raises CardRefused.
    """
    zh, en = form.label.zh, form.label.en
    if len(held) > _MAX_FORM:
        raise CardRefused(f"a card as {en} has {_MAX_FORM} bytes at most", f"{zh} 形式不得超过 {_MAX_FORM} 字节")
    try:
        verdict = form.verify_held(held, now=now, resolver=resolver, contexts=contexts)
        if not verdict.verified and not verdict.indeterminate:
            codes = ", ".join(problem.code for problem in verdict.problems)
            raise CardRefused(
                f"the card as {en} is not properly issued: {codes}", f"该卡的 {zh} 形式未通过验证：{codes}"
            )
        opened = form.open(held, cards)
    except ProblemError as error:
        raise CardRefused(f"what came as {en} is no card: {error}", f"{zh} 形式不是证照：{error}") from None
    if opened.shown_before or opened.device != device:
        raise CardRefused(f"the card as {en} is bound to another device", f"该卡的 {zh} 形式绑定于另一设备")
    if _said(opened.credential) != _said(credential):
        raise CardRefused(f"the card as {en} says something else than the card", f"该卡的 {zh} 形式与证照内容不一致")
    return verdict.verified


def _said(credential: Mapping[str, Any]) -> list[Any]:
    """What all forms have to say alike."""
    dates = [parse_moment(credential.get(member)) for member in ("validFrom", "validUntil")]
    types = credential.get("type")
    return [claims_of(credential), identifier_of(credential.get("issuer")), types, credential.get("id"), *dates]
