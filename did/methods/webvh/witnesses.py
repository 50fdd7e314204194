"""Witnesses (did:webvh 1.0 section "DID Witnesses"): the file of their proofs, and whether enough of them approved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ...errors import DidError, InvalidDidLog
from ...keys import Signer
from ...strict_json import loads
from .history import Version
from .proofs import sign, signing_key, verify

__all__ = ["MAX_FILE", "approvals", "approve", "check", "merge"]

MAX_FILE: Final = 4 * 1024 * 1024
"""Bytes of a witness file at most."""
_MAX_PROOFS: Final = 4096


def approve(version_id: str, witness: Signer, created: datetime) -> dict[str, Any]:
    """A witness's proof that it approves of a version and all before it. It has to have verified the entry itself."""
    return sign({"versionId": version_id}, witness, created)


def merge(file: bytes | None, version_id: str, proofs: Iterable[Mapping[str, Any]]) -> bytes:
    """The witness file with ``proofs`` for a version added; publish it before the log. Raises InvalidDidLog."""
    kept: dict[str, list[Any]] = {entry["versionId"]: list(entry["proof"]) for entry in _entries(file)} if file else {}
    kept.setdefault(version_id, []).extend(dict(proof) for proof in proofs)
    return json.dumps([{"versionId": name, "proof": made} for name, made in kept.items()], indent=2).encode() + b"\n"


def approvals(file: bytes, versions: Sequence[Version], now: datetime) -> dict[str, int]:
    """Witness did:key -> the latest version of this log it approved of. Proofs that don't hold count for nothing.

    Raises InvalidDidLog when the file itself can't be read.
    """
    numbers = {version.version_id: version.number for version in versions}
    asked = {identifier for version in versions for identifier in version.witnesses.ids}
    latest: dict[str, int] = {}
    seen = 0
    for entry in _entries(file):
        number = numbers.get(entry["versionId"])
        if number is None:
            continue  # of an unpublished entry, or of another log
        for proof in entry["proof"]:
            seen += 1
            if seen > _MAX_PROOFS:
                raise InvalidDidLog(f"a witness file with more than {_MAX_PROOFS} proofs")
            identifier = _approved_by(entry["versionId"], proof, asked, now)
            if identifier is not None:
                latest[identifier] = max(number, latest.get(identifier, 0))
    return latest


def check(versions: Sequence[Version], approved: Mapping[str, int]) -> None:
    """Raise InvalidDidLog unless each version was approved by as many of its witnesses as it needs."""
    for version in versions:
        if not version.witnesses:
            continue
        count = sum(approved.get(identifier, 0) >= version.number for identifier in version.witnesses.ids)
        if count < version.witnesses.threshold:
            raise InvalidDidLog(
                f"version {version.number} was approved by {count} witnesses and needs {version.witnesses.threshold}"
            )


def _approved_by(version_id: str, proof: Any, asked: set[str], now: datetime) -> str | None:
    try:
        identifier = "did:key:" + signing_key(proof)
        if identifier not in asked:
            return None
        verify({"versionId": version_id}, proof, now)
    except InvalidDidLog:
        return None
    return identifier


def _entries(file: bytes) -> list[Mapping[str, Any]]:
    try:
        entries = loads(file, max_bytes=MAX_FILE)
    except DidError as error:
        raise InvalidDidLog(f"a witness file that can't be read: {error.message}") from None
    if not isinstance(entries, list):
        raise InvalidDidLog("a witness file is a list")
    for entry in entries:
        if (
            not isinstance(entry, Mapping)
            or not isinstance(entry.get("versionId"), str)
            or not isinstance(entry.get("proof"), list)
        ):
            raise InvalidDidLog("an entry of a witness file has a versionId and a list of proofs")
    return entries
