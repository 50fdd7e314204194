"""The standalone verifier: it asks by scenario, trusts by list, and accepts each presentation once.

::

    import verifier

    desk = verifier.Verifier(
        did="did:web:hotel.example", name="示例旅馆", domain="hotel.example", region="500000",
        trust=verifier.TrustStore("trust-list.json", anchors=[anchor_did]),
        replay=verifier.ReplayGuard("verifier.db"), requests=verifier.RequestBook("verifier.db"),
        status=StatusChecker(FileStatusSource(["status-list.json"])),
    )
    request = desk.request("hotel-check-in")          # to the wallet, as QR or file
    verdict = desk.verify(message)                    # .verified, .checks, .problems, .effect, .advice, .portraits
"""

from __future__ import annotations

import vc  # noqa: F401 - first of all: it sees to it that the package ``did`` is ours.

from .counter import TrustSource, Verifier
from .effect import CounterVerdict, Effect
from .home import Home, Settings
from .ledger import LedgerUnavailable
from .offline import KeptDocuments, KeptStatusLists, OnlineOrKept
from .replay import ReplayGuard
from .requests import RequestBook
from .trust import TrustList
from .trust_document import TRUST_CONTEXT, trust_list_credential
from .trust_entries import TrustedIssuer, TrustedVerifier
from .trust_store import TrustStore

__all__ = [
    "TRUST_CONTEXT",
    "CounterVerdict",
    "Effect",
    "Home",
    "KeptDocuments",
    "KeptStatusLists",
    "LedgerUnavailable",
    "OnlineOrKept",
    "ReplayGuard",
    "RequestBook",
    "Settings",
    "TrustList",
    "TrustSource",
    "TrustStore",
    "TrustedIssuer",
    "TrustedVerifier",
    "Verifier",
    "trust_list_credential",
]
