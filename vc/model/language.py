"""Names and descriptions for people, with language and direction (VCDM 2.0 sections 4.6 and 11.1)."""

from __future__ import annotations

import re
from typing import Any

from .findings import Findings, escape

__all__ = ["check_texts"]

_ALLOWED = frozenset({"@value", "@language", "@direction"})
_LANGUAGE_TAG = re.compile(r"(?:[A-Za-z]{2,8}|[ix](?=-))(?:-[A-Za-z0-9]{1,8})*", re.I)
_LONGEST_TAG = 64


def check_texts(found: Findings, node: dict[str, Any], pointer: str) -> None:
    """``name`` and ``description`` of a credential or an issuer: a string, or language value objects."""
    for member in ("name", "description"):
        if member not in node:
            continue
        value = node[member]
        if isinstance(value, str):
            continue
        place = f"{pointer}/{member}"
        if isinstance(value, list) and value:
            for index, item in enumerate(value):
                _check_language_value(found, item, f"{place}/{index}")
        else:
            _check_language_value(found, value, place)


def _check_language_value(found: Findings, value: object, pointer: str) -> None:
    if not isinstance(value, dict):
        found.report("model.text", pointer, "the text must be a string or a language value object")
        return
    for member in value:
        if member not in _ALLOWED:
            found.report(
                "model.text",
                f"{pointer}/{escape(member)}",
                "a language value object holds @value, @language and @direction only",
            )
    if not isinstance(value.get("@value"), str):
        found.report("model.text", pointer, "@value must be there, and be a string")
    tag = value.get("@language", "und")
    if not isinstance(tag, str) or len(tag) > _LONGEST_TAG or _LANGUAGE_TAG.fullmatch(tag) is None:
        found.report("model.text", pointer + "/@language", "@language must be a BCP 47 language tag")
    if value.get("@direction", "ltr") not in ("ltr", "rtl"):
        found.report("model.text", pointer + "/@direction", "@direction must be ltr or rtl")
