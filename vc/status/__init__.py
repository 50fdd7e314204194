"""Status lists: making lists and entries, checking credentials against lists that were verified first.

Bitstring Status List 1.0 (``StatusList``, ``StatusChecker``), and the IETF's Token Status List (``TokenStatusList``,
``TokenStatusChecker``), as JWT and CWT.
"""

from __future__ import annotations

from ..needs import Fetch as StatusListNeed
from .bitstring import MINIMUM_ENTRIES, StatusList
from .checker import StatusChecker
from .list_credential import status_entry, status_list_credential
from .sources import (
    FileStatusSource,
    FirstStatusSource,
    HttpsStatusSource,
    KnownStatusLists,
    StatusSource,
    StatusUnavailable,
)
from .status_list_token import (
    StatusListToken,
    issue_status_list_cwt,
    issue_status_list_jwt,
    read_status_list_token,
    status_reference,
)
from .token_checker import TokenStatusChecker
from .token_status_list import StatusType, TokenStatusList

__all__ = [
    "MINIMUM_ENTRIES",
    "FileStatusSource",
    "FirstStatusSource",
    "HttpsStatusSource",
    "KnownStatusLists",
    "StatusChecker",
    "StatusList",
    "StatusListNeed",
    "StatusListToken",
    "StatusSource",
    "StatusType",
    "StatusUnavailable",
    "TokenStatusChecker",
    "TokenStatusList",
    "issue_status_list_cwt",
    "issue_status_list_jwt",
    "read_status_list_token",
    "status_entry",
    "status_list_credential",
    "status_reference",
]
