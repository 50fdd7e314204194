"""did:webvh 1.0 (did:web + Verifiable History, DIF): a DID on a web server, with a history that proves itself.

Reading: ``METHOD``. Writing: ``authoring`` (create, update, rotate, move, deactivate) and ``witnesses`` (approve).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ...documents import check as check_document
from ...errors import DidNotFound, DidUnavailable, InvalidDidLog, InvalidOptions
from ...resolution import FetchRequest, FetchResponse, Resolution, Steps
from ...verification_methods import parse_timestamp
from . import witnesses
from .history import MAX_LOG, History, Version, read
from .location import location, scid_of, with_implicit_services

__all__ = ["METHOD", "location", "scid_of"]

_LOG_TYPES: Final = (
    "text/jsonl",
    "application/jsonl",
    "application/x-jsonlines",
    "application/jsonlines",
    "application/x-ndjson",
    "application/json",
    "application/octet-stream",
    "text/plain",
)
_WITNESS_TYPES: Final = ("application/json", "text/plain", "application/octet-stream")


class _WebvhMethod:
    name = "webvh"

    def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
        """Fetch and verify the log, and the witnesses' proofs when there have to be any.

        Options: ``versionId``, ``versionTime`` (aware datetime), ``versionNumber`` (int), at most one of them;
        ``returnDeactivatedDidDocument`` (bool): the last document of a deactivated DID as well, which is null
        otherwise, as DID Resolution and did:webvh ask for. The parameter ``ttl`` bounds how long the result is kept.
        """
        place = location(did)
        scid = scid_of(did)
        http = bool(options.get("httpLoopback")) and place.is_loopback_name
        now: datetime = options.get("now") or datetime.now(UTC)
        log = yield FetchRequest(place.url("did.jsonl", http=http), _LOG_TYPES, MAX_LOG)
        history = read(_body(log, did), now)
        if history.versions[0].parameters.scid != scid:
            raise InvalidDidLog("the log is of another DID", did)
        if not any(version.did == did for version in history.versions):
            raise InvalidDidLog("the log says nothing about this DID", did)
        chosen = _choose(history, did, options)
        if chosen.did != did:
            # The document of another DID must not be given out for this one (DID Resolution section 4).
            raise DidNotFound(f"this DID has moved: it is now {chosen.did}", did)
        used = history.versions[: chosen.number]
        if any(version.witnesses for version in used):
            file = yield FetchRequest(place.url("did-witness.json", http=http), _WITNESS_TYPES, witnesses.MAX_FILE)
            if file.status in (404, 410):
                raise InvalidDidLog("the log needs witnesses, and there is no file with their proofs", did)
            witnesses.check(used, witnesses.approvals(_body(file, did), history.versions, now))
        return _resolution(did, history, chosen, options)


def _body(response: FetchResponse, did: str) -> bytes:
    if response.status in (404, 410):
        raise DidNotFound("the server has no log for this DID", did)
    if response.status != 200:
        raise DidUnavailable(f"the server answered with status {response.status}", did)
    return response.body


def _choose(history: History, did: str, options: Mapping[str, Any]) -> Version:
    """The version asked for. A log with a broken end still answers for the exact versions before it, and no more."""
    asked = {
        name: options[name] for name in ("versionId", "versionTime", "versionNumber") if options.get(name) is not None
    }
    if len(asked) > 1:
        raise InvalidOptions("versionId, versionTime and versionNumber exclude each other", did)
    if "versionId" in asked or "versionNumber" in asked:
        for version in history.versions:
            if asked in ({"versionId": version.version_id}, {"versionNumber": version.number}):
                return version
        if history.broken is not None:
            raise history.broken
        raise DidNotFound("the log has no such version", did)
    if history.broken is not None:
        raise type(history.broken)(history.broken.message, did)
    if not asked:
        return history.latest
    moment = asked["versionTime"]
    if isinstance(moment, str):
        moment = parse_timestamp(moment, did)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidOptions("versionTime is a time with a zone", did)
    for version in reversed(history.versions):
        if version.time <= moment:
            return version
    raise DidNotFound("the DID didn't exist at that time", did)


def _resolution(did: str, history: History, chosen: Version, options: Mapping[str, Any]) -> Resolution:
    last = history.latest
    document = with_implicit_services(chosen.state, chosen.did)
    check_document(document, chosen.did)
    metadata: dict[str, Any] = {
        "versionId": chosen.version_id,
        "versionTime": chosen.time_text,
        "created": history.versions[0].time_text,
        "updated": last.time_text,
        "scid": last.parameters.scid,
        "portable": last.parameters.portable,
        "deactivated": last.parameters.deactivated,
        "ttl": str(last.parameters.ttl),
        "watchers": list(last.parameters.watchers),
        "witness": last.parameters.witnesses.to_dict(),
    }
    if last.parameters.witnesses:
        metadata["witness"]["threshold"] = str(last.parameters.witnesses.threshold)
    hidden = last.parameters.deactivated and chosen is last and not options.get("returnDeactivatedDidDocument")
    return Resolution(
        did, None if hidden else document, metadata, {"contentType": "application/did"}, float(last.parameters.ttl)
    )


METHOD: Final = _WebvhMethod()
