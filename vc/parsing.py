"""JSON from outside: parsed once, strictly and within limits (RFC 8259, I-JSON RFC 7493, RFC 8785 section 3.1).

What two implementations could read differently is refused: members given twice, lone surrogates, NaN and infinity,
integers that no double holds exactly, text that is not UTF-8.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import orjson

from did.strict_json import members_at_least

from .problems import Problem, ProblemError
from .quick_ways import quick_way

__all__ = ["LIMITS", "Limits", "count_members", "loads", "loads_with_text"]

_EXACT: Final = 2**53 - 1
_ROUNDED: Final = "an integer that no double holds exactly: implementations read it differently"


_SPARSE: Final = 8192
_BYTES_A_MEMBER: Final = 16
_NEVER: Final = 2 * _SPARSE
"""Bytes of an object that can't have too many: a member has two at least."""
_DENSE: Final = 18_432
_LARGE: Final = 512 * 1024
"""Text from this size on is not parsed before its members were counted: parsed, each may take 60 bytes and more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may have at most: bytes, nested objects and arrays, and members and array entries in all.

    A document of few bytes may have fewer members (``members_of``): its price is that of its members.
    """

    size: int = 4 * 1024 * 1024
    depth: int = 64
    members: int = 100_000

    def members_of(self, size: int) -> int:
        """How many members and array entries a document of ``size`` bytes may have.

        8192, and one more for 16 bytes; in large ones 18,432, and one more for 256 bytes: each may take over a kilobyte
        of memory on its way. Documents as people write them have some 30 bytes a member; those under 16 KiB can't have
        too many.
        """
        return min(self.members, _SPARSE + size // _BYTES_A_MEMBER, _DENSE + size // 256)


LIMITS: Final = Limits()


def loads(data: bytes | str, *, limits: Limits = LIMITS) -> dict[str, Any]:
    """The JSON object in ``data`` (UTF-8 bytes, or text).

    Raises ProblemError: parse.encoding (not UTF-8, a lone surrogate), parse.json (not JSON, a number out of range),
    parse.form (not an object), parse.duplicate_key, parse.limit. Nothing else is raised for any bytes or text.
    """
    return loads_with_text(data, limits=limits)[0]


@quick_way("JSON text")
def loads_with_text(data: bytes | str, *, limits: Limits = LIMITS) -> tuple[dict[str, Any], bytes]:
    """As ``loads``, and the object as orjson writes it: without spaces, its members in the same order."""
    if isinstance(data, str):
        try:
            data = data.encode()
        except UnicodeEncodeError:
            _refuse("parse.encoding", "the text has a lone surrogate")
    size = len(data)
    if size > limits.size:
        _refuse("parse.limit", f"{size:,} bytes; at most {limits.size:,} are read")
    if size > _LARGE:
        most = limits.members_of(size)
        if members_at_least(data, most) > most:
            _refuse("parse.limit", f"more than {most:,} members and entries in {size:,} bytes")
    try:
        document = orjson.loads(data)
    except (orjson.JSONDecodeError, RecursionError) as error:
        _refuse_text(data, error, limits)
    if document.__class__ is not dict:
        _refuse("parse.form", "not a JSON object")
    doubtful = _walk(document, limits, size)
    text = orjson.dumps(document)
    if doubtful or (text != data and _may_be_lost(data, text)):
        _look_closely(data)
    return document, text


def _may_be_lost(data: bytes, text: bytes) -> bool:
    """Whether ``text``, what was parsed, may have fewer members than ``data``: orjson takes the last of two equal ones.

    Every member has a colon. (An escaped colon would not be counted. One character is found much sooner than five.)
    """
    return (b"\\" in data and b"\\u003" in data) or data.count(b":") != text.count(b":")


def count_members(document: Mapping[str, Any], text: bytes, *, limits: Limits = LIMITS) -> None:
    """Check that an object that wasn't read from text has not more members than its text may have.

    Raises ProblemError (``parse.limit``). ``text`` is the object as orjson writes it.
    """
    if len(text) <= _NEVER:
        return
    most = limits.members_of(len(text))
    # Entries and members are set apart by commas: most objects needn't be walked through.
    if text.count(b",") + text.count(b"[") + text.count(b"{") > most:
        total, level = 0, [document]
        while level:
            total += sum(map(len, level))
            if total > most:
                _refuse("parse.limit", f"more than {most:,} members and entries in {len(text):,} bytes")
            level = [item for container in level for item in _values(container) if item.__class__ in _CONTAINERS]


_CONTAINERS: Final = frozenset((dict, list))


def _values(container: Any) -> Iterable[Any]:
    return container.values() if container.__class__ is dict else container


def _walk(document: dict[str, Any], limits: Limits, size: int) -> bool:
    """Check depth, count and numbers; True when there are integral floats, which may stand for too large an integer."""
    doubtful = False
    most = limits.members if size <= _NEVER else limits.members_of(size)
    total = depth = 0
    level: list[Any] = [document]
    while level:
        depth += 1
        if depth > limits.depth:
            _refuse("parse.limit", f"nested deeper than {limits.depth}")
        below: list[Any] = []
        for container in level:
            total += len(container)
            items: Iterable[Any] = container.values() if container.__class__ is dict else container
            for item in items:
                kind = item.__class__
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    below.append(item)
                elif kind is int:
                    if not -_EXACT <= item <= _EXACT and int(float(item)) != item:
                        _refuse("parse.json", _ROUNDED)
                elif kind is float and item.is_integer() and not -_EXACT <= item <= _EXACT:
                    doubtful = True
        if total > most:
            _refuse("parse.limit", f"more than {most:,} members and entries in {size:,} bytes")
        level = below
    return doubtful


def _look_closely(data: bytes) -> None:
    """Parse again, slowly, for members given twice and integers too large."""
    json.loads(data, object_pairs_hook=_members, parse_int=_integer)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        _refuse("parse.duplicate_key", f"the member {name[:100]!r} appears twice in one object")
    return members


def _integer(text: str) -> int:
    number = float(text)
    if not math.isfinite(number) or int(number) != int(text):
        _refuse("parse.json", _ROUNDED)
    return int(text)


# A string that doesn't end goes on to the end of the text, and is given up nowhere: each byte is looked at once.
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def _refuse_text(data: bytes, error: Exception, limits: Limits) -> NoReturn:
    """Say why the text can't be parsed."""
    try:
        data.decode()
    except UnicodeDecodeError as undecodable:
        _refuse("parse.encoding", f"not UTF-8 at byte {undecodable.start}")
    depth = 0
    for count, match in enumerate(_STRUCTURE.finditer(data)):
        token = match[0]
        depth += 1 if token in b"[{" else -1 if token in b"]}" else 0
        if depth > limits.depth:
            _refuse("parse.limit", f"nested deeper than {limits.depth}")
        if count > limits.members:
            break
    if "surrogate" in str(error):
        _refuse("parse.encoding", "a lone surrogate is no text")
    _refuse("parse.json", str(error))


def _refuse(code: str, detail: str) -> NoReturn:
    raise ProblemError(Problem(code, detail))
