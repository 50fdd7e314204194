"""Disclosures (RFC 9901 sections 4.2 and 7.1): members and elements hidden behind digests, and put back in place.

A digest is over the text of the disclosure as received; JSON is never encoded again before it is hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from did.multibase import encode_base64url

from ..model.findings import escape
from ..problems import Problem, ProblemError
from .jws import decoded, dumps, read_json

__all__ = [
    "DEFAULT_HASH",
    "MAX_DISCLOSURES",
    "Disclosure",
    "Hidden",
    "Revealed",
    "conceal",
    "hash_name",
    "parse",
    "reveal",
]

MAX_DISCLOSURES: Final = 4_096
"""Disclosures of one SD-JWT, at most."""

DEFAULT_HASH: Final = "sha-256"
_HASHES: Final = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
_DIGESTS: Final = "_sd"
_ELEMENT: Final = "..."
_ALGORITHM: Final = "_sd_alg"
_RESERVED: Final = frozenset({_DIGESTS, _ELEMENT})
_SALT: Final = 16
_MAX_DEPTH: Final = 64
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One disclosure: ``text`` as it travels; ``name`` is None for an array element."""

    text: str
    name: str | None
    value: Any

    @classmethod
    def make(cls, name: str | None, value: Any, random: Callable[[int], bytes]) -> Disclosure:
        """A new disclosure with a salt of 128 random bits."""
        salt = encode_base64url(random(_SALT))
        return cls(encode_base64url(dumps([salt, value] if name is None else [salt, name, value])), name, value)

    def digest(self, name: str = DEFAULT_HASH) -> str:
        """What stands for it in the payload."""
        return encode_base64url(_HASHES[name](self.text.encode("ascii")).digest())


@dataclass(frozen=True, slots=True)
class Hidden:
    """Where a disclosed member or element stands: its JSON pointer when everything is shown, and what it depends on."""

    disclosure: Disclosure
    pointer: str
    parents: tuple[Disclosure, ...]


@dataclass(frozen=True, slots=True)
class Revealed:
    """A payload with its disclosures put in place.

    ``claims`` is the processed payload (section 7.1); ``places`` where each disclosure went; ``undisclosed`` how many
    digests none was shown for (decoys among them).
    """

    claims: dict[str, Any]
    places: tuple[Hidden, ...]
    undisclosed: int


def hash_name(payload: Mapping[str, Any]) -> str:
    """The hash of a payload's digests (``_sd_alg``). Raises ProblemError (sd_jwt.form) for an unknown one."""
    name = payload.get(_ALGORITHM, DEFAULT_HASH)
    if not isinstance(name, str) or name not in _HASHES:
        raise _problem("sd_jwt.form", f"the hash {name!r:.40} is not one of {', '.join(_HASHES)}")
    return name


def parse(text: str) -> Disclosure:
    """A disclosure as received. Raises ProblemError (``sd_jwt.disclosure``, ``envelope.form``, ``parse.*``)."""
    data = decoded(text, "a disclosure")
    # The strict parser takes objects; text that would break out of this one is no JSON, or gives a second member.
    parsed = read_json(b'{"d":%b}' % data, "a disclosure")
    entries = parsed["d"] if len(parsed) == 1 else None
    if not isinstance(entries, list) or len(entries) not in (2, 3) or not isinstance(entries[0], str):
        raise _problem("sd_jwt.disclosure", "a disclosure is an array of a salt, for a member its name, and the value")
    if len(entries) == 2:
        return Disclosure(text, None, entries[1])
    name = entries[1]
    if not isinstance(name, str) or name in _RESERVED:
        raise _problem("sd_jwt.disclosure", "a disclosure has a name that is reserved, or no string")
    return Disclosure(text, name, entries[2])


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
        if len(disclosures) > MAX_DISCLOSURES:
            raise ProblemError(Problem("parse.limit", f"more than {MAX_DISCLOSURES:,} disclosures"))
        self.by_digest = {disclosure.digest(name): disclosure for disclosure in disclosures}
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
        return Revealed(claims, tuple(self.places), self.undisclosed)

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
        result = {
            name: item if item.__class__ is str else self._value(item, f"{pointer}/{escape(name)}", parents, depth + 1)
            for name, item in value.items()
            if name != _DIGESTS
        }
        if _DIGESTS in value:
            self._members(value[_DIGESTS], result, pointer, parents, depth)
        return result

    def _members(
        self, digests: Any, result: dict[str, Any], pointer: str, parents: tuple[Disclosure, ...], depth: int
    ) -> None:
        if not isinstance(digests, list):
            raise _problem("sd_jwt.form", "_sd is an array of digests", pointer)
        for digest in digests:
            disclosure = self._take(digest, pointer)
            if disclosure is None:
                continue
            name = disclosure.name
            if name is None:
                raise _problem("sd_jwt.disclosure", "the disclosure of an array element stands for a member", pointer)
            if name in result:
                raise _problem("sd_jwt.disclosure", "a disclosed member is there already", pointer)
            place = f"{pointer}/{escape(name)}"
            self.places.append(Hidden(disclosure, place, parents))
            result[name] = self._value(disclosure.value, place, (*parents, disclosure), depth + 1)

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


def conceal(
    payload: Mapping[str, Any],
    pointers: Iterable[str],
    *,
    random: Callable[[int], bytes],
    decoys: int = 0,
) -> tuple[dict[str, Any], list[Disclosure]]:
    """The payload with the members and elements at ``pointers`` (RFC 6901) hidden, and their disclosures.

    What is below another pointer is hidden inside of its disclosure (section 6.3, recursive disclosures). ``decoys``
    digests of nothing are added to every object that hides members (section 4.2.5). Digests are sorted, so that
    their order tells nothing. Raises ProblemError: ``pointer.form``, ``pointer.no_match`` (each is named),
    ``sd_jwt.form`` for a payload that uses a reserved name itself.
    """
    _check_unreserved(payload)
    tree: dict[str, Any] = {}
    problems = []
    for pointer in dict.fromkeys(pointers):
        problem = _plant(tree, payload, pointer)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise ProblemError(*problems)
    disclosures: list[Disclosure] = []
    concealed = _Concealing(random, decoys, disclosures).object(payload, tree)
    if tree:
        concealed[_ALGORITHM] = DEFAULT_HASH
    return concealed, disclosures


class _Concealing:
    __slots__ = ("decoys", "disclosures", "random")

    def __init__(self, random: Callable[[int], bytes], decoys: int, disclosures: list[Disclosure]) -> None:
        self.random, self.decoys, self.disclosures = random, decoys, disclosures

    def object(self, value: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        digests = []
        for name, item in value.items():
            branch = tree.get(name)
            if branch is None:
                result[name] = item
                continue
            hidden = self._below(item, branch)
            if branch.get(_ELEMENT):
                digests.append(self._hide(name, hidden))
            else:
                result[name] = hidden
        if digests:
            digests += [encode_base64url(hashlib.sha256(self.random(_SALT)).digest()) for _ in range(self.decoys)]
            result[_DIGESTS] = sorted(digests)
        return result

    def _below(self, item: Any, branch: Mapping[str, Any]) -> Any:
        below = {name: inner for name, inner in branch.items() if name != _ELEMENT}
        if not below:
            return item
        if isinstance(item, list):
            return [
                item_ if (inner := below.get(str(index))) is None else self._entry(item_, inner)
                for index, item_ in enumerate(item)
            ]
        return self.object(item, below)

    def _entry(self, item: Any, branch: Mapping[str, Any]) -> Any:
        hidden = self._below(item, branch)
        return {_ELEMENT: self._hide(None, hidden)} if branch.get(_ELEMENT) else hidden

    def _hide(self, name: str | None, value: Any) -> str:
        disclosure = Disclosure.make(name, value, self.random)
        self.disclosures.append(disclosure)
        return disclosure.digest()


def _plant(tree: dict[str, Any], payload: Any, pointer: str) -> Problem | None:
    """Note in ``tree`` that ``pointer`` is to be hidden; its leaves are marked with the reserved name."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        return Problem("pointer.form", "a pointer to something to hide begins with '/'", str(pointer)[:200])
    node = payload
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]
    for token in tokens:
        if isinstance(node, Mapping):
            node = node.get(token, _ABSENT)
        elif isinstance(node, list) and token.isdecimal() and str(int(token)) == token and int(token) < len(node):
            node = node[int(token)]
        else:
            node = _ABSENT
        if node is _ABSENT:
            return Problem("pointer.no_match", "the pointer matches nothing", pointer[:200])
    branch = tree
    for token in tokens:
        branch = branch.setdefault(token, {})
    branch[_ELEMENT] = True
    return None


def _check_unreserved(payload: Any) -> None:
    pending = [payload]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            if not _RESERVED.isdisjoint(node):
                raise _problem("sd_jwt.form", "the names '_sd' and '...' are reserved")
            pending.extend(item for item in node.values() if item.__class__ in (dict, list))
        else:
            pending.extend(item for item in node if item.__class__ in (dict, list))


def _problem(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
