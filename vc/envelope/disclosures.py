"""Disclosures (RFC 9901 sections 4.2 and 7.1): members and elements hidden behind digests, and put back in place.

A digest is over the text of the disclosure as received; JSON is never encoded again before it is hashed.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeVar

from did.multibase import encode_base64url

from ..model.findings import escape
from ..parsing import LIMITS
from ..problems import Problem, ProblemError
from .jws import read_json

__all__ = [
    "DEFAULT_HASH",
    "MAX_DISCLOSURES",
    "Disclosure",
    "Hidden",
    "Revealed",
    "digest_of",
    "digests_of",
    "digests_of_bytes",
    "hash_name",
    "parse",
    "parts_of",
    "reveal",
]

_Whole = TypeVar("_Whole", str, bytes)

MAX_DISCLOSURES: Final = 4_096
"""Disclosures of one SD-JWT, at most."""

DEFAULT_HASH: Final = "sha-256"
# Function, bytes that fill a digest up to groups of three, characters of these in base64, and of the digest alone.
_HASHES: Final[dict[str, tuple[Callable[[bytes], Any], bytes, int, int]]] = {
    "sha-256": (hashlib.sha256, b"\0", 44, 43),
    "sha-384": (hashlib.sha384, b"", 64, 64),
    "sha-512": (hashlib.sha512, b"\0\0", 88, 86),
}
_DIGESTS: Final = "_sd"
_ELEMENT: Final = "..."
_ALGORITHM: Final = "_sd_alg"
# The name of the hash is taken out at the top, so that a claim of this name would be read by some and not by others.
_RESERVED: Final = frozenset({_DIGESTS, _ELEMENT, _ALGORITHM})
_MAX_DEPTH: Final = 64
_MAX_CUTS: Final = 64
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_~-]*")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_PADDING: Final = (b"", b"===", b"==", b"=")  # One character too many can't be padded: a2b_base64 refuses it.
_MARK: Final = secrets.token_hex(16)
_SEPARATOR: Final = f',"{_MARK}",'.encode("ascii")
_LIMITS: Final = replace(LIMITS, depth=LIMITS.depth + 2)


class Disclosure(NamedTuple):
    """One disclosure: ``text`` as it travels; ``name`` is None for an array element."""

    text: str
    name: str | None
    value: Any


class Hidden(NamedTuple):
    """Where a disclosed member or element stands: its JSON pointer when everything is shown, and what it depends on."""

    disclosure: Disclosure
    pointer: str
    parents: tuple[Disclosure, ...]


class Revealed(NamedTuple):
    """A payload with its disclosures put in place.

    ``claims`` is the processed payload (section 7.1); ``undisclosed`` how many digests none was shown for (decoys among
    them). ``places`` is where each disclosure went; it is made from ``at_top`` where that is not empty: members at the
    top, in order, with nothing hidden in them, and names that a pointer holds as they are.
    """

    claims: dict[str, Any]
    undisclosed: int
    anywhere: tuple[Hidden, ...] = ()
    at_top: tuple[Disclosure, ...] = ()

    @property
    def places(self) -> tuple[Hidden, ...]:
        """Where each disclosure went."""
        return self.anywhere or tuple([Hidden(item, f"/{item.name}", ()) for item in self.at_top])


def digests_of(texts: Iterable[str], name: str = DEFAULT_HASH) -> list[str]:
    """The digest of each text, as it stands in a payload (RFC 9901 section 4.2.3)."""
    return digests_of_bytes([text.encode("ascii") for text in texts], name)


def digests_of_bytes(texts: Iterable[bytes], name: str = DEFAULT_HASH) -> list[str]:
    """As ``digests_of``, of texts in ASCII."""
    # One base64 conversion for all: padded with zeros to whole groups of three bytes, digests don't run together.
    algorithm, padding, width, length = _HASHES[name]
    digests = [algorithm(text).digest() for text in texts]
    if not digests:
        return []
    raw = padding.join(digests) + padding
    encoded = binascii.b2a_base64(raw, newline=False).replace(b"+", b"-").replace(b"/", b"_").decode("ascii")
    return list(parts_of(encoded, width, length))


def parts_of(whole: _Whole, width: int, length: int) -> Sequence[_Whole]:
    """The parts of a text (or bytes): one at every ``width``, of ``length`` each."""
    end = len(whole)
    if width < end <= _MAX_CUTS * width:
        return _cutter(end, width, length)(whole)
    return [whole[start : start + length] for start in range(0, end, width)]


@lru_cache(maxsize=256)
def _cutter(end: int, width: int, length: int) -> Callable[[_Whole], Sequence[_Whole]]:
    """The same for several parts, in half the time."""
    return itemgetter(*[slice(start, start + length) for start in range(0, end, width)])


def digest_of(text: str, name: str = DEFAULT_HASH) -> str:
    """The digest of one text."""
    return encode_base64url(_HASHES[name][0](text.encode("ascii")).digest())


def hash_name(payload: Mapping[str, Any]) -> str:
    """The hash of a payload's digests (``_sd_alg``). Raises ProblemError (sd_jwt.form) for an unknown one."""
    name = payload.get(_ALGORITHM, DEFAULT_HASH)
    if not isinstance(name, str) or name not in _HASHES:
        raise _problem("sd_jwt.form", f"the hash {name!r:.40} is not one of {', '.join(_HASHES)}")
    return name


def parse(texts: Sequence[str]) -> tuple[Disclosure, ...]:
    """Disclosures as received. Raises ProblemError (``sd_jwt.disclosure``, ``envelope.form``, ``parse.*``)."""
    if not texts:
        return ()
    if len(texts) > MAX_DISCLOSURES:
        raise ProblemError(Problem("parse.limit", f"more than {MAX_DISCLOSURES:,} disclosures"))
    # All at once through the strict parser, which takes objects. Texts that are no JSON by themselves, but would be
    # together, could do that only by swallowing a separator; they don't know it.
    joined = _SEPARATOR.join(_decoded(texts))
    parsed = read_json(b'{"d":[%b]}' % joined, "the disclosures", _LIMITS)
    entries = parsed["d"]
    if len(parsed) != 1 or len(entries) != 2 * len(texts) - 1 or entries[1::2].count(_MARK) != len(texts) - 1:
        raise _problem("sd_jwt.disclosure", "a disclosure is one JSON array")
    return tuple(map(_parsed, texts, entries[::2]))


def _decoded(texts: Sequence[str]) -> list[bytes]:
    """The bytes of base64url texts. Stray bits at an end are let through: the digest is over the text."""
    every = "~".join(texts)
    if _BASE64URL.fullmatch(every) is None:
        raise _problem("envelope.form", "a disclosure is not base64url without padding")
    try:
        return [
            binascii.a2b_base64(text + _PADDING[len(text) & 3])
            for text in every.encode("ascii").translate(_TO_STANDARD).split(b"~")
        ]
    except binascii.Error:
        raise _problem("envelope.form", "a disclosure is not base64url without padding") from None


def _parsed(text: str, entry: Any) -> Disclosure:
    if entry.__class__ is list and entry and entry[0].__class__ is str:
        if len(entry) == 3:
            name = entry[1]
            if name.__class__ is str and name not in _RESERVED:
                return Disclosure(text, name, entry[2])
            raise _problem("sd_jwt.disclosure", "a disclosure has a name that is reserved, or no string")
        if len(entry) == 2:
            return Disclosure(text, None, entry[1])
    raise _problem("sd_jwt.disclosure", "a disclosure is an array of a salt, for a member its name, and the value")


def reveal(payload: Mapping[str, Any], disclosures: Sequence[Disclosure]) -> Revealed:
    """The payload with ``disclosures`` in their places and all digests gone (section 7.1 steps 3 to 5).

    Raises ProblemError (``sd_jwt.*``): a digest that appears twice, a disclosure that belongs nowhere or in a place of
    the other kind, a name that is there already, reserved names, a hash that is not known.
    """
    return _Revealing(hash_name(payload), disclosures).payload(payload)


class _Revealing:
    """One pass over a payload."""

    __slots__ = ("by_digest", "places", "seen", "undisclosed")

    def __init__(self, name: str, disclosures: Sequence[Disclosure]) -> None:
        self.by_digest = dict(zip(digests_of([item.text for item in disclosures], name), disclosures, strict=True))
        if len(self.by_digest) != len(disclosures):
            raise _problem("sd_jwt.disclosure", "a disclosure is given twice")
        self.seen: set[str] = set()
        self.places: list[Hidden] = []
        self.undisclosed = 0

    def payload(self, payload: Mapping[str, Any]) -> Revealed:
        claims = self._object(payload, "", (), 0)
        claims.pop(_ALGORITHM, None)
        if len(self.places) != len(self.by_digest):
            raise _problem("sd_jwt.disclosure", "a disclosure belongs to no digest of the payload")
        return Revealed(claims, self.undisclosed, tuple(self.places))

    def _value(self, value: Any, pointer: str, parents: tuple[Disclosure, ...], depth: int) -> Any:
        kind = value.__class__
        if kind is dict:
            return self._object(value, pointer, parents, depth)
        if kind is list:
            return self._array(value, pointer, parents, depth)
        return value

    def _object(
        self, value: Mapping[str, Any], pointer: str, parents: tuple[Disclosure, ...], depth: int
    ) -> dict[str, Any]:
        if depth > _MAX_DEPTH:
            raise ProblemError(Problem("parse.limit", f"nested deeper than {_MAX_DEPTH}"))
        if _ELEMENT in value:
            raise _problem("sd_jwt.form", "the reserved name '...' outside of an array", pointer)
        result = dict(value)
        digests = result.pop(_DIGESTS, None)
        for name, item in value.items():
            if (item.__class__ is dict or item.__class__ is list) and name != _DIGESTS:
                result[name] = self._value(item, f"{pointer}/{escape(name)}", parents, depth + 1)
        if _DIGESTS in value:
            self._members(digests, result, pointer, parents, depth)
        return result

    def _members(
        self, digests: Any, result: dict[str, Any], pointer: str, parents: tuple[Disclosure, ...], depth: int
    ) -> None:
        if not isinstance(digests, list) or not set(map(type, digests)) <= {str}:
            raise _problem("sd_jwt.form", "_sd is an array of digests, which are strings", pointer)
        fresh = set(digests)
        if len(fresh) != len(digests) or not self.seen.isdisjoint(fresh):
            raise _problem("sd_jwt.form", "a digest appears twice", pointer)
        self.seen |= fresh
        found = self.by_digest.keys() & fresh
        self.undisclosed += len(fresh) - len(found)
        for digest in found if len(found) < 2 else [digest for digest in digests if digest in found]:
            disclosure = self.by_digest[digest]
            name, value = disclosure.name, disclosure.value
            if name is None:
                raise _problem("sd_jwt.disclosure", "the disclosure of an array element stands for a member", pointer)
            if name in result:
                raise _problem("sd_jwt.disclosure", "a disclosed member is there already", pointer)
            place = f"{pointer}/{escape(name) if '~' in name or '/' in name else name}"
            self.places.append(Hidden(disclosure, place, parents))
            if value.__class__ is dict or value.__class__ is list:
                value = self._value(value, place, (*parents, disclosure), depth + 1)
            result[name] = value

    def _array(self, value: list[Any], pointer: str, parents: tuple[Disclosure, ...], depth: int) -> list[Any]:
        if depth > _MAX_DEPTH:
            raise ProblemError(Problem("parse.limit", f"nested deeper than {_MAX_DEPTH}"))
        result = []
        for index, item in enumerate(value):
            place = f"{pointer}/{index}"
            if item.__class__ is not dict or _ELEMENT not in item:
                result.append(self._value(item, place, parents, depth + 1))
                continue
            if len(item) != 1:
                raise _problem("sd_jwt.form", "the digest of an array element stands beside other members", place)
            disclosure = self._take(item[_ELEMENT], place)
            if disclosure is None:
                continue
            if disclosure.name is not None:
                raise _problem("sd_jwt.disclosure", "the disclosure of a member stands for an array element", place)
            self.places.append(Hidden(disclosure, place, parents))
            result.append(self._value(disclosure.value, place, (*parents, disclosure), depth + 1))
        return result

    def _take(self, digest: Any, pointer: str) -> Disclosure | None:
        if not isinstance(digest, str):
            raise _problem("sd_jwt.form", "a digest is a string", pointer)
        if digest in self.seen:
            raise _problem("sd_jwt.form", "a digest appears twice", pointer)
        self.seen.add(digest)
        disclosure = self.by_digest.get(digest)
        if disclosure is None:
            self.undisclosed += 1
        return disclosure


def _problem(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
