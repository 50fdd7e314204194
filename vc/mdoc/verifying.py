"""``verify`` and its kin: two thin drivers over one judgement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..checks.envelope_profile import EnvelopeProfile
from ..checks.expectations import DEFAULT_SKEW, Expectations
from ..needs import run, run_async
from ..verdict import Verdict
from .judging import issued_verification, response_verification
from .transcripts import check_transcript

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from did import PublicKey, Resolver

    from ..checks.checkers import StatusOfCredentials

__all__ = ["verify", "verify_async", "verify_issued", "verify_issued_async"]


def verify(
    response: bytes | str,
    *,
    transcript: bytes,
    anchors: Sequence[Certificate],
    now: datetime | None = None,
    skew: timedelta = DEFAULT_SKEW,
    status: StatusOfCredentials | None = None,
    resolver: Resolver | None = None,
    explain: bool = False,
) -> Verdict:
    """Verify a DeviceResponse: CBOR, or base64url as OpenID4VP sends it.

    ``transcript`` is that of the session, made by the verifier itself from what it asked. ``anchors`` are the roots
    (IACA) that are trusted. ``now`` (aware; by default the system's time) is the time of all checks, give or take
    ``skew`` for the validity period. ``status`` (``vc.status.StatusChecker``) checks Token Status Lists, ``resolver``
    finds their keys; without it a status is reported as not checked. ``explain`` puts every value into
    ``Verdict.trace`` and goes on after a failure.

    The checks: ``parse``, ``response``; for each document ``doc_type``, ``issuer`` (certificates), ``proof`` (the
    authority's signature), ``digests``, ``device_authorization``, ``holder_binding`` (the device's signature),
    ``validity_period``, ``status``. ``Verdict.document`` has ``documents``, each with ``docType``, ``issuer``,
    ``issuerSigned`` and ``deviceSigned`` (namespace -> element -> value as JSON, RFC 8949 section 6.1).

    Returns a Verdict, whatever ``response`` is. Raises ValueError for an unusable ``transcript`` only.
    """
    expected = _expected(anchors, now, skew, status, resolver, explain=explain)
    return run(response_verification(response, check_transcript(transcript), expected))


async def verify_async(
    response: bytes | str,
    *,
    transcript: bytes,
    anchors: Sequence[Certificate],
    now: datetime | None = None,
    skew: timedelta = DEFAULT_SKEW,
    status: StatusOfCredentials | None = None,
    resolver: Resolver | None = None,
    explain: bool = False,
) -> Verdict:
    """As ``verify``; awaits the status lists and the resolver."""
    expected = _expected(anchors, now, skew, status, resolver, explain=explain)
    return await run_async(response_verification(response, check_transcript(transcript), expected))


def verify_issued(
    issuer_signed: bytes | str,
    *,
    anchors: Sequence[Certificate],
    device_key: PublicKey | None = None,
    now: datetime | None = None,
    skew: timedelta = DEFAULT_SKEW,
    status: StatusOfCredentials | None = None,
    resolver: Resolver | None = None,
    explain: bool = False,
) -> Verdict:
    """Verify an IssuerSigned, as a wallet gets it from an issuer: everything but the device's signature.

    ``device_key`` is the wallet's own, to which the mdoc has to be bound. ``Verdict.document`` is one document, as in
    ``verify``. Never raises for what came from outside.
    """
    expected = _expected(anchors, now, skew, status, resolver, explain=explain)
    return run(issued_verification(issuer_signed, device_key, expected))


async def verify_issued_async(
    issuer_signed: bytes | str,
    *,
    anchors: Sequence[Certificate],
    device_key: PublicKey | None = None,
    now: datetime | None = None,
    skew: timedelta = DEFAULT_SKEW,
    status: StatusOfCredentials | None = None,
    resolver: Resolver | None = None,
    explain: bool = False,
) -> Verdict:
    """As ``verify_issued``; awaits the status lists and the resolver."""
    expected = _expected(anchors, now, skew, status, resolver, explain=explain)
    return await run_async(issued_verification(issuer_signed, device_key, expected))


def _expected(
    anchors: Sequence[Certificate],
    now: datetime | None,
    skew: timedelta,
    status: StatusOfCredentials | None,
    resolver: Resolver | None,
    *,
    explain: bool,
) -> Expectations:
    profile = EnvelopeProfile(anchors=tuple(anchors))
    return Expectations(resolver=resolver, now=now, skew=skew, status=status, envelopes=profile, explain=explain)
