"""The code lists of the cards (codes.json): national standards, with their source, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

__all__ = [
    "Code",
    "Division",
    "code_list",
    "code_named",
    "codes",
    "division",
    "divisions_in",
    "prefecture_of",
    "province_of",
]

Level = Literal["province", "prefecture", "county", "retired", "unallocated", "unknown", "elsewhere"]


class Code(NamedTuple):
    """One entry of a code list. ``card`` is the short form that a card prints (男, 汉); else the full name."""

    code: str
    zh: str
    en: str
    card: str


class Division(NamedTuple):
    """An administrative division (GB/T 2260): six digits, its name, its full name from the province down, its level.

    ``level`` is ``retired`` for codes that only live on in numbers of people registered before a change,
    ``unallocated`` for the codes of synthetic people, ``unknown`` for other codes of the provinces that the list
    covers (Sichuan and Chongqing), and ``elsewhere`` for provinces that it does not cover.
    """

    code: str
    name: str
    full_name: str
    level: Level


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((Path(__file__).parent / "codes.json").read_bytes())
    return data


@cache
def code_list(name: str) -> Mapping[str, Code]:
    """The code list of that name (``sex``, ``ethnicGroup``, ...): code -> Code. KeyError for an unknown list."""
    return {
        entry["code"]: Code(entry["code"], entry["zh"], entry.get("en", entry["zh"]), entry.get("card", entry["zh"]))
        for entry in _data()[name]["codes"]
    }


def codes(name: str) -> frozenset[str]:
    """All codes of a list."""
    return frozenset(code_list(name))


@cache
def _by_name(name: str) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for entry in code_list(name).values():
        for text in (entry.code, entry.zh, entry.card):
            names.setdefault(text, entry.code)
    return names


def code_named(name: str, text: str) -> str | None:
    """The code of list ``name`` that is written as ``text``: the code itself, its name or its short form."""
    return _by_name(name).get(text.strip())


@lru_cache(maxsize=4096)
def division(code: str) -> Division:
    """What a division code stands for. Never fails: see ``Division.level``."""
    data = _data()["divisions"]
    if code in data["provinces"]:
        name = data["provinces"][code]
        return Division(code, name, name, "province")
    if code in data["prefectures"]:
        name = data["prefectures"][code]
        return Division(code, name, data["provinces"][code[:2] + "0000"] + name, "prefecture")
    if code in data["districts"]:
        name, parent = data["districts"][code]
        return Division(code, name, division(parent).full_name + name, "county")
    if code in data["unallocated"]["codes"]:
        return Division(code, code, code, "unallocated")
    for prefix, name in data["retired"]["prefixes"].items():
        if code.startswith(prefix):
            return Division(code, name, name, "retired")
    return Division(code, code, code, "unknown" if code[:2] in data["covers"] else "elsewhere")


def divisions_in(code: str) -> list[str]:
    """The county-level divisions of a province or prefecture of the list, in order of their codes."""
    prefix = code[:2] if code.endswith("0000") else code[:4]
    return [district for district in _data()["divisions"]["districts"] if district.startswith(prefix)]


def province_of(code: str) -> str:
    """The province of a division: ``510104`` -> ``510000``."""
    return code[:2] + "0000"


def prefecture_of(code: str) -> str:
    """The prefecture of a division: ``510104`` -> ``510100``. A municipality (``50``) is its own prefecture."""
    return code[:2] + "0000" if code[:2] in {"11", "12", "31", "50"} else code[:4] + "00"
