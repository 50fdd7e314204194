"""A quick way: the usual SD-JWT, read in one go.

Every disclosure is a member at the top of the payload, and nothing hides in it.

``read`` does what ``read_json``, ``disclosures.parse`` and ``disclosures.reveal`` do, for the form that nearly all
credentials have, with one base64 conversion and without copies. It refuses nothing and repairs nothing: of whatever is
not plainly in order it makes None, and then those exact functions judge it and say what is wrong.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import orjson

from .disclosures import DEFAULT_HASH, MAX_DISCLOSURES, Disclosure, Revealed, digests_of_bytes

__all__ = ["TopLevel", "read"]

_MAX_SIZE: Final = 1_000_000
_MAX_DEPTH: Final = 16
_MAX_MEMBERS: Final = 10_000
_EXACT: Final = 2**53 - 1
_DIGESTS: Final = "_sd"
_ALGORITHM: Final = "_sd_alg"
_RESERVED: Final = frozenset({_DIGESTS, "..."})
_ABOUT_DIGESTS: Final = frozenset({_DIGESTS, _ALGORITHM, "..."})
_ARRAY: Final = {list}

# What a text is filled up with, so that all can be decoded together: white space, and at its end a mark that JSON can't
# hold. By length (modulo 4) and last character; for "]" without stray bits there is only one. Behind any other ending
# the mark might come out as something else, so there is no filling for it.
_MARK: Final = b"\x01"
_FILLINGS: Final[tuple[dict[str, str], ...]] = ({"d": "CgoB"}, {}, {"Q": "oB"}, {"0": "B"})

# A tuple of the class at once; its own constructor is a Python function.
_disclosure: Final = partial(tuple.__new__, Disclosure)


class TopLevel(NamedTuple):
    """An SD-JWT of this form. ``texts`` (of the disclosures), ``names`` and ``values`` go together, as received."""

    payload: dict[str, Any]
    texts: Sequence[str]
    names: Sequence[str]
    values: Sequence[Any]

    def disclosures(self) -> tuple[Disclosure, ...]:
        """The disclosures."""
        return tuple(map(_disclosure, zip(self.texts, self.names, self.values, strict=True)))

    def revealed(self, disclosures: tuple[Disclosure, ...]) -> Revealed:
        """The processed payload."""
        claims = dict(self.payload)
        digests = claims.pop(_DIGESTS)
        claims.pop(_ALGORITHM, None)
        claims.update(zip(self.names, self.values, strict=True))
        return Revealed(claims, len(digests) - len(self.texts), (), disclosures)

    def texts_at(self, pointers: Iterable[Any]) -> list[str] | None:
        """The texts of the members at ``pointers``, or None when one of them is not that of a disclosed member."""
        indexes = dict(zip(self.names, range(len(self.names)), strict=True))
        wanted = set()
        for pointer in pointers:
            index = indexes.get(pointer[1:]) if pointer.__class__ is str and pointer[:1] == "/" else None
            if index is None:
                return None
            wanted.add(index)
        return [self.texts[index] for index in sorted(wanted)]


def read(content: bytes, texts: Sequence[str]) -> TopLevel | None:
    """What the payload ``content`` and its disclosures hold (RFC 9901 section 7.1), or None: it takes a closer look."""
    if not 0 < len(texts) <= MAX_DISCLOSURES or len(content) > _MAX_SIZE:
        return None
    try:
        payload = orjson.loads(content)
        if payload.__class__ is not dict or payload.get(_DIGESTS).__class__ is not list:
            return None
        data = _decoded(texts)
        if data is None:
            return None
        *parts, rest = data.split(_MARK)
        entries = list(map(orjson.loads, parts))
        if rest or len(parts) != len(texts) or set(map(type, entries)) != _ARRAY:
            return None
        salts, names, values = zip(*entries, strict=True)
        "".join(salts)  # A TypeError, unless all are strings.
        if not (
            _fit(payload, names)
            and _all_wanted(payload[_DIGESTS], digests_of_bytes(map(str.encode, texts)))
            and _plain([*[value for name, value in payload.items() if name != _DIGESTS], *values])
            and _nothing_lost(content, payload)
            and (b":" not in data or _nothing_lost(data, entries))
        ):
            return None
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    return TopLevel(payload, texts, names, values)


def _decoded(texts: Sequence[str]) -> bytes | None:
    """The bytes of all texts, each with a mark behind it."""
    filled = "".join([text + _FILLINGS[len(text) & 3][text[-1]] for text in texts])
    if len(filled) > _MAX_SIZE or "+" in filled or "/" in filled or "=" in filled:
        return None
    return binascii.a2b_base64(filled.encode("ascii").replace(b"-", b"+").replace(b"_", b"/"), strict_mode=True)


def _fit(payload: dict[str, Any], names: Sequence[str]) -> bool:
    """Whether members with ``names``, which a pointer holds as they are, have a place in ``payload``."""
    joined = "".join(names)
    return (
        payload.get(_ALGORITHM, DEFAULT_HASH) == DEFAULT_HASH
        and payload.keys().isdisjoint(names)
        and _ABOUT_DIGESTS.isdisjoint(names)
        and len(set(names)) == len(names)
        and not ("..." in payload or "~" in joined or "/" in joined)
    )


def _all_wanted(digests: list[Any], found: list[str]) -> bool:
    """Whether the ``digests`` of a payload are in order, and have each one that was ``found`` of a disclosure."""
    if len(digests) > _MAX_MEMBERS:
        return False
    "".join(digests)  # A TypeError, unless all are strings.
    fresh, own = set(digests), set(found)
    return len(fresh) == len(digests) and len(own) == len(found) and own <= fresh


def _nothing_lost(data: bytes, value: Any) -> bool:
    """Whether no member was given twice: ``data`` is what ``value`` is written as, or at least has as many colons.

    As in ``vc.parsing``: each member has a colon, and of two equal ones one was dropped. (An escaped colon would not be
    counted. One character is found much sooner than five.)
    """
    text = orjson.dumps(value)
    return text == data or ((b"\\" not in data or b"\\u003" not in data) and _colons(data) == _colons(text))


def _colons(data: bytes) -> int:
    return len(data) - len(data.replace(b":", b""))  # Faster than to count them.


def _plain(level: Sequence[Any]) -> bool:
    """Whether values are far within all limits and hold no digests."""
    total = len(level)
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            kind = item.__class__
            if kind is str or kind is bool:
                continue
            if kind is dict:
                if not _RESERVED.isdisjoint(item):
                    return False
                below += item.values()
            elif kind is list:
                below += item
            elif item is not None and not -_EXACT <= item <= _EXACT:
                return False
        total += len(below)
        if total > _MAX_MEMBERS:
            return False
        if not below:
            return True
        level = below
    return False
