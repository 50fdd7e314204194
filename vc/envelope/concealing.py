"""Hiding members and elements behind digests (RFC 9901 sections 4.2 and 6): the issuer's side of ``disclosures``."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from did.multibase import encode_base64url

from ..problems import Problem, ProblemError
from .disclosures import DEFAULT_HASH, digests_of, digests_of_bytes, parts_of
from .jws import dumps

__all__ = ["conceal"]

_DIGESTS: Final = "_sd"
_ELEMENT: Final = "..."
_ALGORITHM: Final = "_sd_alg"
_RESERVED: Final = frozenset({_DIGESTS, _ELEMENT, _ALGORITHM})
_SALT: Final = 16
_ABSENT: Final = object()


def conceal(
    payload: Mapping[str, Any],
    pointers: Iterable[str],
    *,
    random: Callable[[int], bytes],
    decoys: int = 0,
) -> tuple[dict[str, Any], list[str]]:
    """The payload with the members and elements at ``pointers`` (RFC 6901) hidden, and their disclosures as text.

    What is below another pointer is hidden inside of its disclosure (section 6.3, recursive disclosures). ``decoys``
    digests of nothing are added to every object that hides members (section 4.2.5). Digests are sorted, so that
    their order tells nothing. Raises ProblemError: ``pointer.form``, ``pointer.no_match`` (each is named),
    ``sd_jwt.form`` for a payload that uses a reserved name itself.
    """
    _check_unreserved(payload)
    hidden = dict.fromkeys(pointers)
    if not decoys:
        names = _members_at_top(payload, hidden)
        if names is not None:
            return _conceal_at_top(payload, names, random)
    tree: dict[str, Any] = {}
    problems = []
    for pointer in hidden:
        problem = _plant(tree, payload, pointer)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise ProblemError(*problems)
    disclosures: list[str] = []
    concealed = _Concealing(iter(_salts(random, len(hidden))), random, decoys, disclosures).object(payload, tree)
    if tree:
        concealed[_ALGORITHM] = DEFAULT_HASH
    return concealed, disclosures


def _members_at_top(payload: Mapping[str, Any], pointers: Mapping[str, Any]) -> set[str] | None:
    """The names, when every pointer is that of a member at the top and there is one; None for all others."""
    try:
        text = "\0" + "\0".join(pointers)
    except TypeError:
        return None
    begin, *names = text.split("\0/")
    count = len(pointers)
    if begin or not names or text.count("\0") != count or text.count("/") != count or len(names) != count:
        return None
    found = set(names)
    return found if "~" not in text and payload.keys() >= found else None


def _conceal_at_top(
    payload: Mapping[str, Any], names: set[str], random: Callable[[int], bytes]
) -> tuple[dict[str, Any], list[str]]:
    """As ``_Concealing`` with one base64 conversion for all."""
    salts = _salts(random, len(names))
    shown: dict[str, Any] = {}
    entries: list[tuple[str, Any]] = []
    for member in payload.items():
        if member[0] in names:
            entries.append(member)
        else:
            shown[member[0]] = member[1]
    lines = [binascii.b2a_base64(dumps((salt, *member))) for salt, member in zip(salts, entries, strict=True)]
    encoded = _url_safe(b"".join(lines).replace(b"=", b"")).removesuffix(b"\n")
    texts = encoded.decode("ascii").split("\n")
    shown[_DIGESTS] = sorted(digests_of_bytes(encoded.split(b"\n")))
    shown[_ALGORITHM] = DEFAULT_HASH
    return shown, texts


def _url_safe(encoded: bytes) -> bytes:
    return encoded.replace(b"+", b"-").replace(b"/", b"_")


class _Concealing:
    __slots__ = ("decoys", "disclosures", "random", "salts")

    def __init__(
        self, salts: Iterator[str], random: Callable[[int], bytes], decoys: int, disclosures: list[str]
    ) -> None:
        self.salts, self.random, self.decoys, self.disclosures = salts, random, decoys, disclosures

    def object(self, value: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        texts = []
        for name, item in value.items():
            branch = tree.get(name)
            if branch is None:
                result[name] = item
                continue
            hidden = self._below(item, branch)
            if _ELEMENT in branch:
                texts.append(self._hide(name, hidden))
            else:
                result[name] = hidden
        if texts:
            texts += [encode_base64url(self.random(_SALT)) for _ in range(self.decoys)]
            result[_DIGESTS] = sorted(digests_of(texts))
        return result

    def _below(self, item: Any, branch: Mapping[str, Any]) -> Any:
        if len(branch) == 1 and _ELEMENT in branch:
            return item
        below = {name: inner for name, inner in branch.items() if name != _ELEMENT}
        if isinstance(item, list):
            return [
                item_ if (inner := below.get(str(index))) is None else self._entry(item_, inner)
                for index, item_ in enumerate(item)
            ]
        return self.object(item, below)

    def _entry(self, item: Any, branch: Mapping[str, Any]) -> Any:
        hidden = self._below(item, branch)
        return {_ELEMENT: digests_of([self._hide(None, hidden)])[0]} if _ELEMENT in branch else hidden

    def _hide(self, name: str | None, value: Any) -> str:
        salt = next(self.salts)
        text = encode_base64url(dumps([salt, value] if name is None else [salt, name, value]))
        self.disclosures.append(text)
        return text


def _salts(random: Callable[[int], bytes], count: int) -> Sequence[str]:
    """``count`` salts of 128 bits each, drawn at once and encoded at once: filled up to groups of three bytes."""
    drawn = random(_SALT * count)
    filled = b"\0\0".join(parts_of(drawn, _SALT, _SALT))
    text = _url_safe(binascii.b2a_base64(filled, newline=False)).decode("ascii")
    return parts_of(text, 24, 22)


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
        if node.__class__ is not list:
            if not _RESERVED.isdisjoint(node):
                raise _problem("sd_jwt.form", "the names '_sd', '_sd_alg' and '...' are reserved")
            node = node.values()
        pending += [item for item in node if item.__class__ is dict or item.__class__ is list]


def _problem(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
