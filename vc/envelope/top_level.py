"""The usual SD-JWT, read in one go: every disclosure is a member at the top of the payload, and nothing hides in it.

``read`` does what ``disclosures.parse`` and ``disclosures.reveal`` do, for the form that nearly all credentials have,
with one base64 conversion and without copies. It refuses nothing and repairs nothing: of whatever is not plainly in
order it makes None, and then those exact functions judge it and say what is wrong.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import orjson

from .disclosures import DEFAULT_HASH, MAX_DISCLOSURES, Disclosure, Revealed, digests_of_bytes

__all__ = ["read"]

_MAX_SIZE: Final = 1_000_000
_MAX_DEPTH: Final = 16
_MAX_MEMBERS: Final = 10_000
_EXACT: Final = 2**53 - 1
_DIGESTS: Final = "_sd"
_ALGORITHM: Final = "_sd_alg"
_RESERVED: Final = frozenset({_DIGESTS, "..."})
_TEXT: Final = {str}

# What a text is filled up with, so that all can be decoded together: white space, and at its end a mark that JSON can't
# hold. By length (modulo 4) and last character; for "]" without stray bits there is only one. Behind any other ending
# the mark might come out as something else, so there is no filling for it.
_MARK: Final = b"\x01"
_FILLINGS: Final[tuple[dict[int, bytes], ...]] = ({ord("d"): b"CgoB"}, {}, {ord("Q"): b"oB"}, {ord("0"): b"B"})
_TO_STANDARD: Final = bytes.maketrans(b"-_+/=", b"+/!!!")  # "!" is in neither alphabet.

# A tuple of the class at once; its own constructor is a Python function.
_disclosure: Final = partial(tuple.__new__, Disclosure)


def read(payload: Mapping[str, Any], texts: Sequence[str]) -> tuple[tuple[Disclosure, ...], Revealed] | None:
    """The disclosures and the processed payload (RFC 9901 section 7.1), or None when it takes a closer look."""
    digests = payload.get(_DIGESTS)
    if digests.__class__ is not list or payload.get(_ALGORITHM, DEFAULT_HASH) != DEFAULT_HASH or "..." in payload:
        return None
    try:
        found = _disclosures(texts)
        if found is None:
            return None
        disclosures, by_digest = found
        fresh = set(digests)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    shown = [by_digest[digest] for digest in digests if digest in by_digest]
    names = {item[1] for item in shown}
    if (
        len(fresh) != len(digests)
        or set(map(type, digests)) != _TEXT
        or not len(texts) == len(shown) == len(names)
        or _ALGORITHM in names
        or not payload.keys().isdisjoint(names)
        or not _plain([value for name, value in payload.items() if name != _DIGESTS])
    ):
        return None
    claims = dict(payload)
    del claims[_DIGESTS]
    claims.pop(_ALGORITHM, None)
    claims.update([item[1:] for item in shown])
    return disclosures, Revealed(claims, len(digests) - len(shown), (), tuple(shown))


def _disclosures(texts: Sequence[str]) -> tuple[tuple[Disclosure, ...], dict[str, Disclosure]] | None:
    """The disclosures of members with nothing hidden in them, and the same by their digests.

    Whatever is raised here (ValueError, TypeError, LookupError, RecursionError) means that a text is none of these.
    """
    if not 0 < len(texts) <= MAX_DISCLOSURES:
        return None
    raw = [text.encode("ascii") for text in texts]
    filled = b"".join([text + _FILLINGS[len(text) & 3][text[-1]] for text in raw])
    if len(filled) > _MAX_SIZE:
        return None
    data = binascii.a2b_base64(filled.translate(_TO_STANDARD), strict_mode=True)
    *parts, rest = data.split(_MARK)
    if rest or len(parts) != len(texts):
        return None
    entries = [orjson.loads(part) for part in parts]
    if set(map(type, entries)) != {list}:
        return None
    salts, names, values = zip(*entries, strict=True)
    if {*map(type, salts), *map(type, names)} != _TEXT or not _RESERVED.isdisjoint(names):
        return None
    joined = "".join(names)
    if "~" in joined or "/" in joined or not _plain(values):
        return None
    # As in vc.parsing: members have colons, and of two equal members one was dropped.
    if b"\\u003" in data or (b":" in data and data.count(b":") != orjson.dumps(entries).count(b":")):
        return None
    disclosures = tuple(map(_disclosure, zip(texts, names, values, strict=True)))
    return disclosures, dict(zip(digests_of_bytes(raw), disclosures, strict=True))


def _plain(level: Sequence[Any]) -> bool:
    """Whether values are far within all limits and hold no digests. (Of two equal members one is not seen here.)"""
    total = 0
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            kind = item.__class__
            if kind is str:
                continue
            if kind is dict:
                if not _RESERVED.isdisjoint(item):
                    return False
                below.extend(item.values())
            elif kind is list:
                below.extend(item)
            elif item is not None and not -_EXACT <= item <= _EXACT:
                return False
        if not below:
            return True
        total += len(below)
        if total > _MAX_MEMBERS:
            return False
        level = below
    return False
