"""How many steps a regular expression takes: its parse tree, run by a matcher that backtracks as ``re`` does."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

MOST = 40_000
TOO_FAST = 2.7
"""A ratio that nothing linear has: twice, and a little for what is constant."""


class TooMany(Exception):
    """More steps than anything linear would take."""


class Matcher:
    """One expression; ``steps`` counts what was tried."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        tree = _parser.parse(pattern, flags)
        self.flags = tree.state.flags
        self.items = list(tree)
        self.steps = 0

    def match(self, text: str, start: int = 0, *, whole: bool = False) -> int | None:
        """The end of the first match at ``start``."""
        for end in self._sequence(self.items, 0, text, start):
            if not whole or end == len(text):
                return end
        return None

    def scan(self, text: str) -> None:
        """All matches, as ``finditer`` and ``sub`` look for them."""
        at = 0
        while at <= len(text):
            end = self.match(text, at)
            at = at + 1 if end is None or end == at else end

    def _spend(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > MOST:
            raise TooMany

    def _sequence(self, items: list[Any], index: int, text: str, at: int) -> Iterator[int]:
        if index == len(items):
            yield at
            return
        for end in self._item(items[index], text, at):
            yield from self._sequence(items, index + 1, text, end)

    def _item(self, item: Any, text: str, at: int) -> Iterator[int]:
        self._spend()
        kind, value = item
        if kind in (c.LITERAL, c.NOT_LITERAL, c.IN, c.ANY):
            if at < len(text) and self._accepts(item, text[at]):
                yield at + 1
        elif kind is c.SUBPATTERN:
            yield from self._sequence(list(value[3]), 0, text, at)
        elif kind is c.BRANCH:
            for branch in value[1]:
                yield from self._sequence(list(branch), 0, text, at)
        elif kind in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            yield from self._repeat(kind, value, text, at)
        elif kind is c.ATOMIC_GROUP:
            for end in self._sequence(list(value), 0, text, at):
                yield end
                return
        elif kind is c.AT:
            if self._is_at(value, text, at):
                yield at
        elif kind in (c.ASSERT, c.ASSERT_NOT):
            direction, inside = value
            start = at if direction > 0 else at - 1
            found = start >= 0 and any(True for _ in self._sequence(list(inside), 0, text, start))
            if found == (kind is c.ASSERT):
                yield at
        else:
            raise NotImplementedError(str(kind))

    def _repeat(self, kind: Any, value: Any, text: str, at: int) -> Iterator[int]:
        low, high, inside = value
        high = len(text) + 1 if high is c.MAXREPEAT else high
        items = list(inside)
        if len(items) == 1 and items[0][0] in (c.LITERAL, c.NOT_LITERAL, c.IN, c.ANY):
            count = 0
            while count < high and at + count < len(text) and self._accepts(items[0], text[at + count]):
                count += 1
            self._spend(count)
            if count < low:
                return
            ends = range(at + count, at + low - 1, -1) if kind is not c.MIN_REPEAT else range(at + low, at + count + 1)
            for end in ends[:1] if kind is c.POSSESSIVE_REPEAT else ends:
                self._spend()
                yield end
            return
        ends_of = self._times(items, low, high, text, at, kind is c.MIN_REPEAT)
        if kind is c.POSSESSIVE_REPEAT:
            for end in self._possessive(items, low, high, text, at):
                yield end
        else:
            yield from ends_of

    def _possessive(self, items: list[Any], low: int, high: int, text: str, at: int) -> Iterator[int]:
        count = 0
        while count < high:
            end = next(self._sequence(items, 0, text, at), None)
            if end is None or end == at:
                break
            at, count = end, count + 1
        if count >= low:
            yield at

    def _times(self, items: list[Any], low: int, high: int, text: str, at: int, lazy: bool) -> Iterator[int]:
        if lazy and low <= 0:
            yield at
        if high > 0:
            for end in self._sequence(items, 0, text, at):
                if end != at:
                    yield from self._times(items, low - 1, high - 1, text, end, lazy)
        if not lazy and low <= 0:
            yield at

    def _accepts(self, item: Any, character: str) -> bool:
        return _accepts(self.flags, repr(item), character, item[0], _Frozen(item))

    def _is_at(self, where: Any, text: str, at: int) -> bool:
        if where in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            return at == 0
        if where in (c.AT_END_STRING, c.AT_END):
            return at == len(text) or (where is c.AT_END and text[at:] == "\n")
        raise NotImplementedError(str(where))


class _Frozen:
    def __init__(self, item: Any) -> None:
        self.item = item

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and repr(self.item) == repr(other.item)

    def __hash__(self) -> int:
        return hash(repr(self.item))


@lru_cache(maxsize=100_000)
def _accepts(flags: int, _: str, character: str, kind: Any, frozen: _Frozen) -> bool:
    value = frozen.item[1]
    if kind is c.ANY:
        return bool(flags & re.DOTALL) or character != "\n"
    if kind in (c.LITERAL, c.NOT_LITERAL):
        same = character == chr(value) or (bool(flags & re.IGNORECASE) and character.lower() == chr(value).lower())
        return same == (kind is c.LITERAL)
    negated, found = False, False
    for what, inside in value:
        if what is c.NEGATE:
            negated = True
        elif what is c.LITERAL:
            found |= character == chr(inside)
        elif what is c.RANGE:
            both = (character, character.swapcase()) if flags & re.IGNORECASE else (character,)
            found |= any(inside[0] <= ord(one) <= inside[1] for one in both if len(one) == 1)
        else:
            found |= _category(inside, character)
    return found != negated


def _category(name: Any, character: str) -> bool:
    tests = {
        c.CATEGORY_DIGIT: str.isdigit,
        c.CATEGORY_SPACE: str.isspace,
        c.CATEGORY_WORD: lambda one: one.isalnum() or one == "_",
    }
    for known, test in tests.items():
        if name is known:
            return bool(test(character))
    opposite = {c.CATEGORY_NOT_DIGIT: c.CATEGORY_DIGIT, c.CATEGORY_NOT_SPACE: c.CATEGORY_SPACE}
    opposite[c.CATEGORY_NOT_WORD] = c.CATEGORY_WORD
    return not tests[opposite[name]](character)


def attacks(matcher: Matcher) -> Iterator[tuple[str, str, str]]:
    """(start, what is repeated, end): from the characters that the expression tells apart."""
    alphabet = sorted(_alphabet(matcher.items))[:7]
    units = [*alphabet, *(first + second for first in alphabet for second in alphabet if first != second)]
    starts = {""}
    for count in range(1, len(matcher.items) + 1):
        starts.add("".join(_shortest(item) for item in matcher.items[:count]))
    kept = sorted(starts)
    for start in kept[:: -(-len(kept) // 6)]:
        for unit in units if start else (*units, *kept[1:]):
            for end in ("", "\x02"):
                yield start, unit, end


def _alphabet(items: Any) -> set[str]:
    found = {"a", "0", " "}
    for kind, value in items:
        if kind in (c.LITERAL, c.NOT_LITERAL):
            found.add(chr(value))
        elif kind is c.IN:
            for what, inside in value:
                if what is c.LITERAL:
                    found.add(chr(inside))
                elif what is c.RANGE:
                    found.add(chr(inside[0]))
        elif kind is c.SUBPATTERN:
            found |= _alphabet(value[3])
        elif kind is c.BRANCH:
            for branch in value[1]:
                found |= _alphabet(branch)
        elif kind in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            found |= _alphabet(value[2])
        elif kind in (c.ASSERT, c.ASSERT_NOT):
            found |= _alphabet(value[1])
        elif kind is c.ATOMIC_GROUP:
            found |= _alphabet(value)
    return found


def _shortest(item: Any) -> str:
    """A short text that an item takes."""
    kind, value = item
    if kind is c.LITERAL:
        return chr(value)
    if kind is c.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    if kind is c.ANY:
        return "a"
    if kind is c.IN:
        return next(
            (
                one
                for one in ("a", "0", "A", " ", *map(chr, range(33, 0x2FFF)))
                if _accepts(0, repr(item), one, kind, _Frozen(item))
            ),
            "",
        )
    if kind is c.SUBPATTERN:
        return "".join(map(_shortest, value[3]))
    if kind is c.BRANCH:
        return "".join(map(_shortest, value[1][0]))
    if kind in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        return "".join(map(_shortest, value[2])) * max(1, value[0])
    return ""


def growth(pattern: str | bytes, flags: int, mode: str) -> tuple[float, tuple[str, str, str]]:
    """The largest ratio of steps for twice the text, over all attacks; ``mode``: match, fullmatch or scan."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        return _growth(Matcher(pattern, flags), mode)
    finally:
        sys.setrecursionlimit(before)


def _growth(matcher: Matcher, mode: str) -> tuple[float, tuple[str, str, str]]:
    worst: tuple[float, tuple[str, str, str]] = (0.0, ("", "", ""))
    for attack in attacks(matcher):
        ratio = _ratio(matcher, mode, attack, 16)
        if ratio > 2.2:  # A second look with longer ones: repetitions of up to 64 characters look alike at first.
            ratio = _ratio(matcher, mode, attack, 80)
        if ratio > worst[0]:
            worst = ratio, attack
        if ratio > TOO_FAST:
            break
    return worst


def _ratio(matcher: Matcher, mode: str, attack: tuple[str, str, str], length: int) -> float:
    counts = []
    for times in (length, 2 * length):
        text = attack[0] + attack[1] * times + attack[2]
        matcher.steps = 0
        try:
            if mode == "scan":
                matcher.scan(text)
            else:
                matcher.match(text, whole=mode == "fullmatch")
        except TooMany:
            return float("inf")
        counts.append(matcher.steps)
    return counts[1] / max(counts[0], length)
