"""The entries of a trust list: whom it trusts with what, and from when until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from vc.model import Moment, moment_of

__all__ = ["TrustEntries", "TrustedIssuer", "TrustedVerifier", "in_force"]


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One entry: the issuer ``did`` may issue the ``card_types`` for the ``regions`` (province codes, GB/T 2260)."""

    did: str
    name: str
    card_types: frozenset[str]
    regions: frozenset[str]
    trusted_from: Moment | None = None
    trusted_until: Moment | None = None


@dataclass(frozen=True, slots=True)
class TrustedVerifier:
    """One entry: the verifier ``did`` is of this class (``police``)."""

    did: str
    name: str
    verifier_class: str
    trusted_from: Moment | None = None
    trusted_until: Moment | None = None


class TrustEntries(NamedTuple):
    """What a trust list says, and when it is valid."""

    valid_from: Moment
    valid_until: Moment
    issuers: tuple[TrustedIssuer, ...]
    verifiers: tuple[TrustedVerifier, ...]


def in_force(entry: TrustedIssuer | TrustedVerifier, now: datetime) -> bool:
    """Whether an entry counts at the time ``now`` (aware)."""
    at = moment_of(now)
    return (entry.trusted_from is None or entry.trusted_from <= at) and (
        entry.trusted_until is None or at <= entry.trusted_until
    )
