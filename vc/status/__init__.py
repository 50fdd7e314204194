"""Bitstring Status List 1.0: making lists and entries, checking credentials against lists that were verified first."""

from __future__ import annotations

from .bitstring import MINIMUM_ENTRIES, StatusList
from .checker import StatusChecker, StatusListNeed
from .documents import status_entry, status_list_credential
from .sources import FileStatusSource, FirstStatusSource, HttpsStatusSource, StatusSource, StatusUnavailable

__all__ = [
    "MINIMUM_ENTRIES",
    "FileStatusSource",
    "FirstStatusSource",
    "HttpsStatusSource",
    "StatusChecker",
    "StatusList",
    "StatusListNeed",
    "StatusSource",
    "StatusUnavailable",
    "status_entry",
    "status_list_credential",
]
