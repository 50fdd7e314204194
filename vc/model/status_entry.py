"""The form of a ``BitstringStatusListEntry`` (Bitstring Status List 1.0 section 2.1)."""

from __future__ import annotations

import re
from typing import Any

from .findings import Findings
from .identifiers import is_url

__all__ = ["MAX_STATUS_SIZE", "check_status_entry"]

MAX_STATUS_SIZE = 16
"""The most bits an entry may have here. The specification has no limit, but 2^size messages must be listed."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,99}")
_HEX = re.compile(r"0x[0-9A-Fa-f]{1,8}")


def check_status_entry(found: Findings, entry: dict[str, Any], pointer: str) -> None:
    """Report what is malformed in one entry, under the code ``status.malformed``."""
    purpose = entry.get("statusPurpose")
    if not isinstance(purpose, str) or not purpose:
        found.report("status.malformed", pointer + "/statusPurpose", "statusPurpose must be a string")
    index = entry.get("statusListIndex")
    if not isinstance(index, str) or _INDEX.fullmatch(index) is None:
        found.report(
            "status.malformed",
            pointer + "/statusListIndex",
            "statusListIndex must be a whole number, written as a string",
        )
    url = entry.get("statusListCredential")
    if not is_url(url):
        found.report("status.malformed", pointer + "/statusListCredential", "statusListCredential must be a URL")
    elif entry.get("id") == url:
        found.report("status.malformed", pointer + "/id", "the id of an entry may not be the URL of the list")
    _check_messages(found, entry, pointer)
    if "statusReference" in entry:
        references = entry["statusReference"]
        for reference in references if isinstance(references, list) and references else [references]:
            if not is_url(reference):
                found.report(
                    "status.malformed", pointer + "/statusReference", "statusReference must be one or more URLs"
                )


def _check_messages(found: Findings, entry: dict[str, Any], pointer: str) -> None:
    size = entry.get("statusSize", 1)
    if type(size) is not int or not 1 <= size <= MAX_STATUS_SIZE:
        found.report(
            "status.malformed",
            pointer + "/statusSize",
            f"statusSize must be a whole number from 1 to {MAX_STATUS_SIZE}",
        )
        return
    if "statusMessage" not in entry:
        if size > 1:
            found.report("status.malformed", pointer, "statusMessage is required when statusSize is above 1")
        return
    messages = entry["statusMessage"]
    place = pointer + "/statusMessage"
    if not isinstance(messages, list) or len(messages) != 1 << size:
        found.report("status.messages", place, f"statusMessage must list {1 << size} messages")
        return
    values: set[int] = set()
    for position, item in enumerate(messages):
        status = item.get("status") if isinstance(item, dict) else None
        message = item.get("message") if isinstance(item, dict) else None
        if not isinstance(status, str) or _HEX.fullmatch(status) is None or not isinstance(message, str):
            found.report(
                "status.malformed", f"{place}/{position}", "a status message needs status (as 0x1) and message"
            )
        else:
            values.add(int(status, 16))
    if len(values) != 1 << size or max(values) >= 1 << size:
        found.report("status.malformed", place, "statusMessage must name each possible status once")
