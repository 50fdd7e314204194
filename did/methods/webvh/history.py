"""A did:webvh log, verified entry by entry (did:webvh 1.0 section "Read (Resolve)"). No step is ever skipped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ...errors import DidError, InvalidDid, InvalidDidLog
from ...strict_json import loads
from ...verification_methods import parse_timestamp
from .location import scid_of
from .parameters import Parameters, Witnesses, evolve
from .proofs import digest, verify

__all__ = [
    "MAX_ENTRIES",
    "MAX_LOG",
    "PLACEHOLDER",
    "History",
    "Version",
    "entry_hash",
    "read",
    "scid_hash",
    "verify_entry",
]

MAX_LOG: Final = 4 * 1024 * 1024
"""Bytes of a log at most."""
MAX_ENTRIES: Final = 2000
"""Entries of a log at most."""
PLACEHOLDER: Final = "{SCID}"

_MEMBERS: Final = frozenset({"versionId", "versionTime", "parameters", "state", "proof"})
_VERSION_ID: Final = re.compile(r"([1-9][0-9]{0,8})-([1-9A-HJ-NP-Za-km-z]{46})", re.ASCII)
_UTC_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)", re.ASCII)
_TOLERANCE: Final = timedelta(minutes=5)
_MAX_PROOFS: Final = 32


@dataclass(frozen=True, slots=True)
class Version:
    """One verified entry: what it says, when, and under which parameters; and who had to witness it."""

    number: int
    version_id: str
    time: datetime
    time_text: str
    parameters: Parameters
    state: Mapping[str, Any]
    entry: Mapping[str, Any]
    witnesses: Witnesses

    @property
    def did(self) -> str:
        """The DID as of this version (a portable one can move)."""
        did: str = self.state["id"]
        return did


@dataclass(frozen=True, slots=True)
class History:
    """Verified versions in order, and the error that ended the verification, if one did."""

    versions: tuple[Version, ...]
    broken: InvalidDidLog | None = None

    @property
    def latest(self) -> Version:
        """The last verified version."""
        return self.versions[-1]


def read(data: bytes, now: datetime) -> History:
    """Verify a log from its bytes (JSON Lines). Witnesses are for ``witnesses.check``.

    Returns what could be verified, with the error at the first entry that could not. Raises InvalidDidLog when not even
    the first entry holds.
    """
    if len(data) > MAX_LOG:
        raise InvalidDidLog(f"a log of more than {MAX_LOG} bytes")
    lines = [line for line in data.split(b"\n") if line.strip()]
    if not lines or len(lines) > MAX_ENTRIES:
        raise InvalidDidLog(f"a log has 1 to {MAX_ENTRIES} entries")
    versions: list[Version] = []
    for line in lines:
        try:
            versions.append(verify_entry(_parse(line), versions, now))
        except InvalidDidLog as error:
            if not versions:
                raise
            return History(tuple(versions), error)
    return History(tuple(versions))


def verify_entry(entry: Mapping[str, Any], before: Sequence[Version], now: datetime) -> Version:
    """Verify the entry that follows ``before``. Raises InvalidDidLog."""
    if set(entry) != _MEMBERS:
        raise InvalidDidLog("an entry has versionId, versionTime, parameters, state and proof")
    last = before[-1] if before else None
    if last is not None and last.parameters.deactivated:
        raise InvalidDidLog("an entry after the deactivation")
    parameters = evolve(None if last is None else last.parameters, entry["parameters"])
    number = _check_version_id(entry, last, parameters)
    moment = _check_time(entry, last, now)
    _check_state(entry["state"], last, parameters)
    _check_proofs(entry, last, parameters, now)
    asked = last.parameters.witnesses if last is not None and last.parameters.witnesses else parameters.witnesses
    return Version(number, entry["versionId"], moment, entry["versionTime"], parameters, entry["state"], entry, asked)


def scid_hash(entry: Mapping[str, Any], scid: str) -> str:
    """The hash that the SCID of a first entry has to be."""
    bare = {**_without_proof(entry), "versionId": PLACEHOLDER}
    return digest(json.loads(json.dumps(bare).replace(scid, PLACEHOLDER)))


def entry_hash(entry: Mapping[str, Any], previous: str) -> str:
    """The hash in the versionId of an entry; ``previous`` is the versionId before it, or the SCID for the first."""
    return digest({**_without_proof(entry), "versionId": previous})


def _without_proof(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "proof"}


def _parse(line: bytes) -> Mapping[str, Any]:
    try:
        entry = loads(line, max_bytes=MAX_LOG)
    except DidError as error:
        raise InvalidDidLog(f"an entry that can't be read: {error.message}") from None
    if not isinstance(entry, dict):
        raise InvalidDidLog("an entry that isn't an object")
    return entry


def _check_version_id(entry: Mapping[str, Any], last: Version | None, parameters: Parameters) -> int:
    version_id = entry["versionId"]
    match = _VERSION_ID.fullmatch(version_id) if isinstance(version_id, str) else None
    if match is None:
        raise InvalidDidLog("a versionId is a number, a dash and a hash")
    number = int(match[1])
    if number != (1 if last is None else last.number + 1):
        raise InvalidDidLog("the entries aren't numbered one after the other")
    if last is None and scid_hash(entry, parameters.scid) != parameters.scid:
        raise InvalidDidLog("the SCID isn't the hash of the first entry")
    if entry_hash(entry, parameters.scid if last is None else last.version_id) != match[2]:
        raise InvalidDidLog("the hash in a versionId isn't that of its entry")
    return number


def _check_time(entry: Mapping[str, Any], last: Version | None, now: datetime) -> datetime:
    text = entry["versionTime"]
    if not isinstance(text, str) or not _UTC_TIME.fullmatch(text):
        raise InvalidDidLog("a versionTime is a time in UTC")
    try:
        moment = parse_timestamp(text)
    except DidError:
        raise InvalidDidLog("a versionTime is a time in UTC") from None
    if last is not None and moment <= last.time:
        raise InvalidDidLog("an entry isn't later than the one before")
    if moment > now + _TOLERANCE:
        raise InvalidDidLog("an entry from the future")
    return moment


def _check_state(state: Any, last: Version | None, parameters: Parameters) -> None:
    did = state.get("id") if isinstance(state, Mapping) else None
    try:
        scid = scid_of(did)
    except InvalidDid as error:
        raise InvalidDidLog(f"the state's id isn't a did:webvh: {error.message}") from None
    if scid != parameters.scid:
        raise InvalidDidLog("the SCID in the state's id isn't that of the log")
    if last is None or did == last.did:
        return
    if not last.parameters.portable or not parameters.portable:
        raise InvalidDidLog("the DID moved, but isn't portable")
    if not isinstance(state.get("alsoKnownAs"), list) or last.did not in state["alsoKnownAs"]:
        raise InvalidDidLog("a DID that moved names the one before in alsoKnownAs")


def _check_proofs(entry: Mapping[str, Any], last: Version | None, parameters: Parameters, now: datetime) -> None:
    """Signed by keys that were in force before; with pre-rotation by those that were committed to before."""
    own = last is None or bool(last.parameters.next_key_hashes)
    active = parameters.update_keys if own or last is None else last.parameters.update_keys
    proofs = entry["proof"]
    if not isinstance(proofs, list) or not 0 < len(proofs) <= _MAX_PROOFS:
        raise InvalidDidLog("an entry has a list of proofs")
    bare = _without_proof(entry)
    for proof in proofs:
        if verify(bare, proof, now) not in active:
            raise InvalidDidLog("an entry is signed by a key that isn't authorized for it")
