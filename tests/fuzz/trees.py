"""Changing JSON and CBOR values where they have structure: members, entries, names, JSON-LD's other spellings."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .choices import Choices, chance, pick
from .vocabulary import iris_of, prefixed

__all__ = ["JUNK", "mutate", "places"]

_DEEP: list[Any] = []
for _ in range(80):
    _DEEP = [_DEEP]

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.5, 1.0, 2**31, 2**53, 2**63, 2**64, -(2**70), 1e-320, 1e308, "", " ", "x", "null",
    "\x00", "\ud800", "\u202e", "é\u0301", "a" * 5000, "did:key:z6Mk", "did:web:example.com", "urn:x:y", "_:b0",
    "https://example.com/", "http://[", "2026-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "-0001-01-01T00:00:00+99:99",
    "data:application/vc+jwt,a.b.c", "u", "z", "z111", "%", "#", "//", "/a/b", "~2", [], {}, [[]], [{}], [None],
    {"": ""}, {"@id": "urn:x:y"}, {"@value": "x"}, {"@value": "x", "@type": "@json"}, {"@list": []}, {"@set": [1]},
    {"@context": None}, {"@context": {"id": "@id"}}, {"@graph": []}, {"@reverse": {"x": {}}}, {"id": 1}, _DEEP,
    ["x"] * 300, {str(n): n for n in range(200)},
)  # fmt: skip


class _Place(NamedTuple):
    container: Any
    key: Any

    @property
    def value(self) -> Any:
        return self.container[self.key]


def mutate(value: Any, choices: Choices, spare: Sequence[Any] = (), *, within: Callable[..., Any] | None = None) -> Any:
    """A changed copy of ``value``; ``spare`` are other values of its kind to take parts from.

    ``within(text, choices)`` may change a text that holds something itself (a JWT in a data URL).
    """
    top = [copy.deepcopy(value)]
    for _ in range(1 + choices.below(3)):
        _step(top, choices, spare, within)
    return top[0]


def places(top: Any) -> list[_Place]:
    """Every place of a value, outermost first."""
    return list(_walk(top))


def _walk(top: Any) -> Iterator[_Place]:
    level = [top]
    while level:
        below = []
        for container in level:
            keys = list(container) if isinstance(container, dict) else range(len(container))
            for key in keys:
                yield _Place(container, key)
                if isinstance(container[key], dict | list):
                    below.append(container[key])
        level = below


def _step(top: list[Any], choices: Choices, spare: Sequence[Any], within: Callable[..., Any] | None) -> None:
    found = places(top)
    place = pick(choices, found[1:] or found)
    if within is not None and isinstance(place.value, str | bytes) and chance(choices, 2):
        place.container[place.key] = within(place.value, choices)
        return
    kind = choices.below(4)
    if kind == 0:
        pick(choices, _SPELLINGS)(place, choices)
    elif kind == 1:
        place.container[place.key] = copy.deepcopy(pick(choices, JUNK))
    elif kind == 2:
        pick(choices, _MOVES)(place, choices, found)
    else:
        _transplant(place, choices, spare or top)


# --- Other spellings: what JSON-LD reads as the same, and what readers of JSON may not ------------------------------


def _renamed(place: _Place, name: Any, value: Any) -> None:
    """The member under another name, at its place in the order."""
    if isinstance(place.container, dict):
        members = [(name, value) if key == place.key else (key, item) for key, item in place.container.items()]
        place.container.clear()
        place.container.update(members)
    else:
        place.container[place.key] = {str(name): value}


def _as_iri(place: _Place, choices: Choices) -> None:
    iri, kind = pick(choices, iris_of(str(place.key)))
    value = place.value
    if kind not in (None, "@id", "@vocab", "@json") and not isinstance(value, dict | list):
        value = {"@value": value, "@type": kind}
    elif kind == "@id" and isinstance(value, str):
        value = {"@id": value}
    name = prefixed(iri) if chance(choices, 3) else iri
    _renamed(place, name, value)


def _as_keyword(place: _Place, choices: Choices) -> None:
    names = {"id": "@id", "type": "@type", "@id": "id", "@type": "type"}
    _renamed(
        place, names.get(str(place.key)) or pick(choices, ("@index", "@nest", "@included", "@reverse")), place.value
    )


def _wrapped(place: _Place, choices: Choices) -> None:
    value = place.value
    _, kind = pick(choices, iris_of(str(place.key)))
    typed = {"@value": value} if kind in (None, "@id", "@vocab", "@json") else {"@value": value, "@type": kind}
    place.container[place.key] = pick(
        choices,
        ([value], typed, {"@list": [value]}, {"@set": [value]}, {"@id": value}, [value, value], {"@graph": value}),
    )


def _unwrapped(place: _Place, choices: Choices) -> None:
    value = place.value
    if isinstance(value, list) and value:
        place.container[place.key] = pick(choices, value) if chance(choices, 2) else list(reversed(value))
    elif isinstance(value, dict) and value:
        place.container[place.key] = pick(choices, list(value.values()))


def _respelt(place: _Place, choices: Choices) -> None:
    value = place.value
    if isinstance(value, bool):
        place.container[place.key] = pick(choices, (str(value).lower(), int(value), not value, [value]))
    elif isinstance(value, int):
        place.container[place.key] = pick(
            choices, (float(value) if abs(value) < 2**60 else 0, str(value), value + 1, [value])
        )
    elif isinstance(value, float):
        place.container[place.key] = pick(choices, (str(value), value + 1e-16, value * (1 + 2**-52), round(value, 6)))
    elif isinstance(value, str):
        place.container[place.key] = pick(
            choices,
            (value + " ", value.upper(), value.lower(), value[:-1], value + "#", value + "\n", "_:" + value,
             value[::-1], {"@value": value, "@language": "zh"}, {"@value": value, "@direction": "rtl"},
             value.replace("Z", "+00:00"), value.replace("T", " "), value + "\u200b"),
        )  # fmt: skip
    elif isinstance(value, bytes):
        at = choices.below(len(value) or 1)
        place.container[place.key] = value[:at] + bytes([choices.below(256)]) + value[at + 1 :]


_SPELLINGS = (_as_iri, _wrapped, _respelt, _as_keyword, _unwrapped)


# --- Moves: taken away, doubled, swapped, hung elsewhere ------------------------------------------------------------


def _taken_away(place: _Place, choices: Choices, found: list[_Place]) -> None:
    if place.container is not found[0].container:
        del place.container[place.key]


def _doubled(place: _Place, choices: Choices, found: list[_Place]) -> None:
    value = copy.deepcopy(place.value)
    if isinstance(place.container, list):
        place.container.insert(place.key, value)
    else:
        # A name that JSON's text form turns into the same name once more; see ``documents.dumps``.
        place.container[f"{place.key}\x00"] = copy.deepcopy(pick(choices, (value, *JUNK)))


def _swapped(place: _Place, choices: Choices, found: list[_Place]) -> None:
    other = pick(choices, found)
    mine, theirs = copy.deepcopy(place.value), copy.deepcopy(other.value)
    place.container[place.key], other.container[other.key] = theirs, mine


def _hung_elsewhere(place: _Place, choices: Choices, found: list[_Place]) -> None:
    value = copy.deepcopy(place.value)
    other = pick(choices, found).value
    if isinstance(other, dict):
        other[str(place.key)] = value
    elif isinstance(other, list):
        other.append(value)
    if chance(choices, 2) and place.container is not found[0].container:
        place.container.pop(place.key)


def _added(place: _Place, choices: Choices, found: list[_Place]) -> None:
    name = pick(
        choices,
        ("@context", "id", "type", "@id", "@type", "proof", "credentialStatus", "validUntil", "expires", "iss", "vc",
         "cnf", "holder", "issuer", "@included", "@nest", "@reverse", "@graph", "@index", "name", "x", "urn:x:y", "https://a.b/c"),
    )  # fmt: skip
    target = place.value if isinstance(place.value, dict) else place.container
    if isinstance(target, dict):
        target[name] = copy.deepcopy(pick(choices, JUNK))


_MOVES: tuple[Callable[[_Place, Choices, list[_Place]], None], ...] = (
    _taken_away, _doubled, _added, _swapped, _hung_elsewhere,
)  # fmt: skip


def _transplant(place: _Place, choices: Choices, spare: Sequence[Any]) -> None:
    """A part of another value of the kind, preferably the part of the same name."""
    donor = places([pick(choices, spare)])
    alike = [item for item in donor if item.key == place.key]
    place.container[place.key] = copy.deepcopy(pick(choices, alike or donor).value)
