"""The two documents of a status list: the entry in a credential, and the credential that holds the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ..model import CREDENTIALS_V2, is_url
from ..model.findings import Findings
from ..model.status_entry import check_status_entry
from ..problems import Problem, ProblemError
from .bitstring import StatusList

__all__ = ["status_entry", "status_list_credential"]


def status_entry(
    status_list_credential: str,
    index: int,
    purpose: str,
    *,
    size: int = 1,
    messages: Sequence[str] = (),
    reference: str | Sequence[str] | None = None,
    id: str | None = None,
) -> dict[str, Any]:
    """One value for ``credentialStatus`` (Bitstring Status List section 2.1).

    ``status_list_credential`` is the URL of the list, ``purpose`` one of revocation, suspension, refresh, message.
    ``size`` above 1 bit needs as many ``messages`` as there are values, in the order of the values. ``id`` defaults to
    the list's URL with the index as fragment. Raises ProblemError (``status.malformed``).
    """
    entry: dict[str, Any] = {
        "id": f"{status_list_credential}#{index}" if id is None else id,
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": status_list_credential,
    }
    if size != 1:
        entry["statusSize"] = size
    if messages:
        entry["statusMessage"] = [{"status": hex(value), "message": text} for value, text in enumerate(messages)]
    if reference is not None:
        entry["statusReference"] = reference if isinstance(reference, str) else list(reference)
    found = Findings()
    found.check_id(entry, "")
    check_status_entry(found, entry, "")
    if found:
        raise ProblemError(*found)
    return entry


def status_list_credential(
    status_list: StatusList,
    *,
    id: str,
    issuer: str | dict[str, Any],
    purpose: str | Sequence[str],
    valid_from: datetime,
    valid_until: datetime | None = None,
    ttl: timedelta | None = None,
) -> dict[str, Any]:
    """The unsecured credential that publishes ``status_list`` (section 2.2), for ``vc.issue`` to secure.

    ``id`` is the URL where it will be found, ``purpose`` one or more purposes, the dates are aware, ``ttl`` is how long
    a verifier may keep it (written in milliseconds). Raises ProblemError (``status.malformed``) or ValueError for naive
    dates.
    """
    purposes = [purpose] if isinstance(purpose, str) else list(purpose)
    if not is_url(id):
        raise ProblemError(Problem("status.malformed", "the id of a status list must be a URL", "/id"))
    if not purposes or not all(isinstance(item, str) and item for item in purposes):
        raise ProblemError(
            Problem("status.malformed", "a status list needs one or more purposes", "/credentialSubject/statusPurpose")
        )
    subject: dict[str, Any] = {
        "id": id + "#list",
        "type": "BitstringStatusList",
        "statusPurpose": purposes[0] if len(purposes) == 1 else purposes,
        "encodedList": status_list.encode(),
    }
    if ttl is not None:
        milliseconds = ttl // timedelta(milliseconds=1)
        if milliseconds <= 0:
            raise ProblemError(Problem("status.malformed", "ttl must be positive", "/credentialSubject/ttl"))
        subject["ttl"] = milliseconds
    credential: dict[str, Any] = {
        "@context": [CREDENTIALS_V2],
        "id": id,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": _written(valid_from),
    }
    if valid_until is not None:
        credential["validUntil"] = _written(valid_until)
    credential["credentialSubject"] = subject
    return credential


def _written(when: datetime) -> str:
    if when.tzinfo is None:
        raise ValueError("the dates of a status list must have a time zone")
    return when.replace(microsecond=0).isoformat().replace("+00:00", "Z")
