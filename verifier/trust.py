"""The trust list: which issuer may issue which card for which region, and which verifiers are of the police.

A trust list is a credential (contexts credentials/v2 and trust/v1), signed by a trust anchor that the verifier was told
of when it was set up. It is dated, and not used outside its dates. Its entries name their subject by ``did``, not by
``id``: as blank nodes they can't be taken apart and put together differently under one signature.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import vc
from vc.cards import CARDS, CardSet, claims_of
from vc.model import Moment, identifier_of, moment_of
from vc.problems import Problem, ProblemError

from .trust_document import read
from .trust_entries import TrustedIssuer, TrustedVerifier, in_force

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["MAX_TRUST_LIST", "TrustList", "TrustedIssuer", "TrustedVerifier"]

MAX_TRUST_LIST = 1024 * 1024
"""The most bytes of a trust list."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """A trust list that was verified. ``document`` is the credential; ``signer`` is the anchor that signed it."""

    document: Mapping[str, Any]
    signer: str
    valid_from: Moment
    valid_until: Moment
    issuers: tuple[TrustedIssuer, ...]
    verifiers: tuple[TrustedVerifier, ...]

    @classmethod
    def load(
        cls,
        content: bytes | str | Mapping[str, Any],
        *,
        anchors: Collection[str],
        now: datetime,
        resolver: Resolver | None = None,
        skew: timedelta = timedelta(seconds=60),
    ) -> TrustList:
        """Verify and read a trust list that one of ``anchors`` (DIDs) signed, at the time ``now`` (aware).

        Needs no network when the anchor is a did:key. Raises ProblemError: ``trust.proof`` (unsigned, changed),
        ``trust.anchor`` (signed by somebody else), ``trust.expired``, ``trust.form``.
        """
        if isinstance(content, bytes | str) and len(content) > MAX_TRUST_LIST:
            raise _error("trust.form", f"a trust list has {MAX_TRUST_LIST} bytes at most")
        verdict = vc.verify(content, resolver=resolver, now=now, skew=skew)
        document = verdict.document
        if not verdict.verified or document is None:
            dated = any(problem.code.startswith("period.") for problem in verdict.problems)
            code = "trust.expired" if dated else "trust.proof"
            raise ProblemError(*(Problem(code, problem.detail, problem.pointer) for problem in verdict.problems))
        signer = identifier_of(document.get("issuer"))
        if signer is None or signer not in anchors:
            raise _error("trust.anchor", "the signer is not a trust anchor of this verifier", "/issuer")
        return cls(document, signer, *read(document))

    def check_time(self, now: datetime, skew: timedelta = timedelta(seconds=60)) -> list[Problem]:
        """``trust.expired`` when the list is not valid at ``now`` (aware), give or take ``skew``."""
        if self.valid_from <= moment_of(now + skew) and moment_of(now - skew) <= self.valid_until:
            return []
        return [Problem("trust.expired", "the trust list is outside its dates: obtain the present one")]

    def check_issuer(
        self, credential: Mapping[str, Any], *, now: datetime, pointer: str = "", cards: CardSet = CARDS
    ) -> list[Problem]:
        """Why ``credential`` (at ``pointer``) is not to be trusted: ``trust.issuer``, ``trust.card``, ``trust.region``.

        The issuer needs one entry that covers the card and the province that the card states. Never raises for the
        credential's form.
        """
        issuer = identifier_of(credential.get("issuer"))
        entries = [entry for entry in self.issuers if entry.did == issuer and in_force(entry, now)]
        if not entries:
            return [Problem("trust.issuer", "the issuer is not on the trust list", pointer + "/issuer")]
        card = cards.of_credential(credential)
        entries = [entry for entry in entries if card is not None and card.type in entry.card_types]
        if not entries:
            return [Problem("trust.card", "the issuer is not trusted with this card", pointer + "/type")]
        province = claims_of(credential).get("issuingProvince")
        if not isinstance(province, str) or not any(province in entry.regions for entry in entries):
            place = pointer + "/credentialSubject/issuingProvince"
            return [Problem("trust.region", "the issuer is not trusted with this card for this province", place)]
        return []

    def check_verifier(self, did: str, verifier_class: str | None, *, now: datetime) -> list[Problem]:
        """``trust.verifier`` when a scenario is for a class of verifiers and ``did`` is not listed as one of it."""
        if verifier_class is None:
            return []
        for entry in self.verifiers:
            if entry.did == did and entry.verifier_class == verifier_class and in_force(entry, now):
                return []
        return [Problem("trust.verifier", f"the scenario is for verifiers of the class {verifier_class} only")]


def _error(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
