"""A quick way: the usual credential, known at a glance. Most of what is verified has nothing for the rules to find."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from .findings import Findings
from .identifiers import CREDENTIALS_V2, is_url
from .status_entry import check_status_entry
from .timestamps import moment

__all__ = ["is_usual"]

_REQUIRED: Final = 4
"""``@context``, ``type``, ``issuer`` and ``credentialSubject``."""
_TEXTS: Final = frozenset(("name", "description"))
_LONG: Final = 4096
"""Characters of all contexts, or all types, of a usual credential."""
_OTHERS: Final = frozenset(
    ("VerifiablePresentation", "EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation")
)


def is_usual(document: dict[str, Any]) -> bool:
    """True only for a credential (VCDM 2.0) of the plainest form, about which ``validate`` has nothing to report.

    False says nothing: then the rules have to be gone through. The tests compare the two.
    """
    first = last = None
    left = _REQUIRED
    try:
        for member, value in document.items():
            if member == "credentialSubject":
                left -= 1
                if value.__class__ is not dict or not _states_something(value):
                    return False
            elif member == "@context":
                left -= 1
                if value.__class__ is not list or sum(map(len, value)) > _LONG or not _are_contexts(tuple(value)):
                    return False
            elif member == "type":
                left -= 1
                if value.__class__ is not list or sum(map(len, value)) > _LONG or not _are_types(tuple(value)):
                    return False
            elif member == "issuer":
                left -= 1
                if not is_url(value):
                    return False
            elif member == "proof":
                if value["type"].__class__ is not str or not value["type"]:
                    return False
            elif member == "id":
                if not is_url(value):
                    return False
            elif member == "validFrom":
                first = moment(value)
            elif member == "validUntil":
                last = moment(value)
            elif member == "credentialStatus":
                if not _is_status_entry(value):
                    return False
            elif member == "credentialSchema":
                if not _is_schema(value):
                    return False
            elif member not in _TEXTS or value.__class__ is not str:
                return False
    except (LookupError, TypeError, ValueError):
        return False
    return left == 0 and (first is None or last is None or first <= last)


@lru_cache(maxsize=256)
def _are_contexts(values: tuple[str, ...]) -> bool:
    """Whether these are URLs, each once, and the first is that of VCDM 2.0."""
    return values[:1] == (CREDENTIALS_V2,) and len(set(values)) == len(values) and all(is_url(url) for url in values)


@lru_cache(maxsize=256)
def _are_types(values: tuple[str, ...]) -> bool:
    """Whether these are types, and one is that of credentials and none that of what has rules of its own."""
    if "VerifiableCredential" not in values or not _OTHERS.isdisjoint(values):
        return False
    return all(value.__class__ is str and value for value in values)


def _states_something(subject: dict[str, Any]) -> bool:
    if "@context" in subject or "@id" in subject or ("id" in subject and not is_url(subject["id"])):
        return False
    for value in subject.values():  # noqa: SIM110 - a generator costs as much as all else here
        if value.__class__ is str:
            return True
    return False


def _is_status_entry(value: dict[str, Any]) -> bool:
    if value["type"] != "BitstringStatusListEntry" or "digestSRI" in value or "digestMultibase" in value:
        return False
    found = Findings()
    found.check_id(value, "")
    check_status_entry(found, value, "")
    return not found


def _is_schema(value: dict[str, Any]) -> bool:
    if value["type"].__class__ is not str or not value["type"] or not is_url(value["id"]):
        return False
    return "@id" not in value and "digestSRI" not in value and "digestMultibase" not in value
