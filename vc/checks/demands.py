"""What a policy demands of a credential, or of the proof that shows it, besides being genuine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

__all__ = ["Demands"]

_TYPES: Final = frozenset({"VerifiableCredential", "EnvelopedVerifiableCredential"})
"""Every credential has the first of these: expecting it would expect nothing."""


class Demands(NamedTuple):
    """The demands of a policy; None, or nothing, where it makes none."""

    types: frozenset[str] | None
    vct: frozenset[str] | None
    contexts: frozenset[str] | None
    issuers: frozenset[str] | None
    shown: tuple[str, ...]
    holder_binding: bool
    max_age: timedelta | None
    max_life: timedelta | None
    cryptosuites: frozenset[str] | None = None

    @classmethod
    def of(cls, stated: Mapping[str, object]) -> Demands | None:
        """The demands among what is ``stated``, or None. Raises TypeError or ValueError for what is none."""
        if _DEMANDING.isdisjoint(stated):
            return None
        get: Callable[..., Any] = stated.get
        found = cls(
            _names(get("expected_types"), "expected_types"),
            _names(get("expected_vct"), "expected_vct"),
            _names(get("expected_contexts"), "expected_contexts"),
            _names(get("trusted_issuers"), "trusted_issuers"),
            tuple(sorted(_names(get("require_shown", ()), "require_shown") or ())),
            get("require_holder_binding", False) is True,
            _span(get("max_proof_age"), "max_proof_age"),
            _span(get("max_proof_life"), "max_proof_life"),
            _names(get("expected_cryptosuites"), "expected_cryptosuites"),
        )
        for pointer in found.shown:
            if pointer[:1] != "/":
                raise ValueError(f"require_shown: {pointer!r:.200} is not a JSON pointer, which starts with '/'")
        if found.types is not None and not _TYPES.isdisjoint(found.types):
            raise ValueError("expected_types names what every credential is")
        return None if found == _NONE else found


_NONE: Final = Demands(None, None, None, None, (), False, None, None)
_DEMANDING: Final = frozenset(
    {
        "expected_types",
        "expected_vct",
        "expected_contexts",
        "expected_cryptosuites",
        "trusted_issuers",
        "require_shown",
        "require_holder_binding",
        "max_proof_age",
        "max_proof_life",
    }
)


def _names(value: Collection[str] | None, what: str) -> frozenset[str] | None:
    if value is None:
        return None
    if isinstance(value, str | bytes) or not all(isinstance(one, str) and one for one in value):
        raise TypeError(f"{what} is a collection of strings")
    return frozenset(value)


def _span(value: timedelta | None, what: str) -> timedelta | None:
    if value is None:
        return None
    if not isinstance(value, timedelta) or value <= timedelta():
        raise ValueError(f"{what} is a timedelta above zero")
    return value
