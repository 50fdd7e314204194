"""JSON from outside, strictly: UTF-8, no duplicate members, no NaN, bounded depth and size (RFC 7493, I-JSON)."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from .errors import InvalidDidDocument

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_MEMBERS", "loads", "members_at_least"]

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_MEMBERS: Final = 100_000
"""Members and array entries of a JSON text, at most."""

_COMMA: Final = ord(",")
_QUOTE: Final = ord('"')
# A string that doesn't end goes on to the end of the text: each byte is looked at once.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[,\[{]', re.DOTALL)


def loads(data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text. Raises InvalidDidDocument."""
    if len(data) > max_bytes:
        raise InvalidDidDocument(f"JSON of more than {max_bytes} bytes")
    encoded = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    if members_at_least(encoded, MAX_MEMBERS) > MAX_MEMBERS:
        raise InvalidDidDocument(f"JSON of more than {MAX_MEMBERS} members and entries")
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_refuse_constant, parse_int=_integer)
        _check_depth([value] if isinstance(value, dict | list) else [], max_depth + 1)
        json.dumps(
            value, ensure_ascii=False, allow_nan=False
        ).encode()  # a lone surrogate (\\ud800) can't be written as UTF-8
    except InvalidDidDocument:
        raise
    except UnicodeError:
        raise InvalidDidDocument("JSON that isn't valid UTF-8") from None
    except (ValueError, RecursionError):
        raise InvalidDidDocument("not JSON") from None
    return value


def members_at_least(data: bytes, most: int) -> int:
    """How many members and array entries a JSON text has at least (and at most twice as many), without parsing it.

    What is parsed takes many times the memory of its text: this is known before. Counting is exact to no more than the
    answer needs: below ``most`` any number that is not too large will do.
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") <= most:
        return 0
    # Entries are set apart by commas; each array and object is itself one, but for the outermost.
    commas = containers = 0
    for match in _TOKEN.finditer(data):
        first = data[match.start()]
        if first == _COMMA:
            commas += 1
        elif first != _QUOTE:
            containers += 1
        if commas > most or containers - 1 > most:
            break
    return max(commas, containers - 1)


def _check_depth(value: Any, limit: int) -> None:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise InvalidDidDocument(f"JSON nested deeper than {limit}")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidDidDocument("JSON with a member that appears twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidDidDocument(f"JSON doesn't have {name}")


def _integer(text: str) -> int:
    number = int(text) if len(text) <= 17 else 1 << 64
    if abs(number) > 1 << 53:
        raise InvalidDidDocument("a JSON number beyond 2**53")
    return number
