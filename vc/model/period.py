"""Is a credential valid at this time (VCDM 2.0 section 4.9, appendix A.6)? Its form is a matter of ``validate``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from did.timestamps import Moment, moment, moment_of, what_is_wrong

from ..problems import Problem

__all__ = ["outside_period", "validity_period"]

_BEGINNINGS = ("validFrom", "issuanceDate")
_MEMBERS = (*_BEGINNINGS, "validUntil", "expirationDate")


def validity_period(
    credential: Mapping[str, Any],
    *,
    now: datetime,
    skew: timedelta = timedelta(seconds=60),
    pointer: str = "",
) -> list[Problem]:
    """The problems of ``credential`` at the time ``now`` (aware): ``period.not_yet``, ``period.over``.

    Each end of the period is widened by ``skew``, for clocks that differ. A value that can't be read is a problem
    here too (``model.date_time``). ``pointer`` is where the credential stands in its document. A credential without
    dates is valid at any time. Reads validFrom/validUntil and, of VCDM 1.1, issuanceDate/expirationDate.
    """
    return outside_period(credential, earliest=moment_of(now - skew), latest=moment_of(now + skew), pointer=pointer)


def outside_period(
    credential: Mapping[str, Any], *, earliest: Moment, latest: Moment, pointer: str = ""
) -> list[Problem]:
    """As ``validity_period``: the credential begins by ``latest`` and does not end before ``earliest``."""
    problems = []
    for member in _MEMBERS:
        if member not in credential:
            continue
        try:
            when = moment(credential[member], zone_required=False)
        except ValueError:
            reason, reason_zh = what_is_wrong(credential[member])
            detail, detail_zh = f"{member} must be a date and time: {reason}", f"{member} 应为日期时间：{reason_zh}"
            problems.append(Problem("model.date_time", detail, f"{pointer}/{member}", detail_zh))
            continue
        if member in _BEGINNINGS:
            if when > latest:
                detail = f"the credential is not valid yet: {member} is {credential[member]}"
                detail_zh = f"凭证尚未生效：{member} 为 {credential[member]}"
                problems.append(Problem("period.not_yet", detail, f"{pointer}/{member}", detail_zh))
        elif when < earliest:
            detail = f"the credential is no longer valid: {member} is {credential[member]}"
            detail_zh = f"凭证已过有效期：{member} 为 {credential[member]}"
            problems.append(Problem("period.over", detail, f"{pointer}/{member}", detail_zh))
    return problems
