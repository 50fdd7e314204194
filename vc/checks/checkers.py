"""What judges the status and the schema of a credential that was found genuine: the protocols that checkers follow.

``vc.status.StatusChecker``, ``vc.status.TokenStatusChecker`` and ``vc.model.SchemaChecker`` are such checkers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from ..needs import Steps
from ..verdict import Judgement, Verdict
from .envelope_profile import StatusClaimChecker

__all__ = ["CredentialChecker", "StatusOfCredentials"]


class CredentialChecker(Protocol):
    """Judges one member of a credential (``credentialStatus``, ``credentialSchema``)."""

    def judge(
        self,
        credential: Mapping[str, Any],
        *,
        verify: Callable[[bytes], Steps[Verdict]],
        now: datetime,
        pointer: str = "",
    ) -> Steps[Judgement]:
        """What the member says of ``credential``, which stands at ``pointer``, at the time ``now`` (aware).

        ``verify`` verifies a credential that is needed on the way: proof, issuer, data model, validity, no status.
        """
        ...


class StatusOfCredentials(CredentialChecker, Protocol):
    """Judges the status of credentials, in whichever of the two ways it is told."""

    @property
    def tokens(self) -> StatusClaimChecker:
        """What judges the ``status`` claim of those that have one."""
        ...
