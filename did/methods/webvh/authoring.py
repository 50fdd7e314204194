"""Writing a did:webvh: create, update, rotate, move, deactivate. What was written is verified before it is given out.

The keys that update a DID (``updateKeys``) are Ed25519 and are kept apart from the keys in its document. With
pre-rotation every entry commits to the hashes of the next update keys, so that a stolen current key changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ...documents import check
from ...errors import InvalidDidLog
from ...keys import Signer
from ...public_keys import PublicKey
from ..web import document_for as web_document_for
from ..web_location import encode_component
from .history import PLACEHOLDER, History, Version, entry_hash, read, scid_hash, verify_entry
from .location import location, with_implicit_services
from .parameters import METHOD_VERSION, Witnesses
from .proofs import multikey_hash, sign

__all__ = ["Log", "create", "document_for", "identifier_for", "open_log"]

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


def identifier_for(host: str, *segments: str, port: int | None = None) -> str:
    """The DID with a placeholder for its SCID, for the first document: ``did:webvh:{SCID}:host:path``."""
    parts = [encode_component(host) + ("" if port is None else f"%3A{port}"), *map(encode_component, segments)]
    identifier = ":".join(["did:webvh", PLACEHOLDER, *parts])
    location(identifier.replace(PLACEHOLDER, "1" * 46))
    return identifier


def document_for(did: str, keys: Mapping[str, PublicKey], **members: Any) -> dict[str, Any]:
    """A document with Multikey methods, as ``web.document_for`` makes it; ``did`` may hold the SCID placeholder."""
    stand_in = did.replace(PLACEHOLDER, "1" * 46)
    document: dict[str, Any] = json.loads(
        json.dumps(web_document_for(stand_in, keys, **members)).replace(stand_in, did)
    )
    return document


@dataclass(frozen=True, slots=True)
class Log:
    """A verified log that can be continued. Each change gives a new ``Log``; nothing is changed in place."""

    versions: tuple[Version, ...]

    @property
    def did(self) -> str:
        """The DID as of the last entry."""
        return self.versions[-1].did

    @property
    def latest(self) -> Version:
        """The last entry."""
        return self.versions[-1]

    @property
    def document(self) -> dict[str, Any]:
        """A copy of the last document, to be changed and given to ``update``."""
        copied: dict[str, Any] = json.loads(json.dumps(self.latest.state))
        return copied

    def to_bytes(self) -> bytes:
        """The contents of ``did.jsonl``."""
        return b"".join(
            json.dumps(version.entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            for version in self.versions
        )

    def files(self, *, parallel_web: bool = False) -> dict[str, bytes]:
        """The files to publish: path on the server -> bytes; with ``parallel_web`` the did:web of the same place, too.

        When there are witnesses, publish ``did-witness.json`` (``witnesses.merge``) first.
        """
        place = location(self.did)
        files = {place.path("did.jsonl"): self.to_bytes()}
        if parallel_web:
            files[place.path("did.json")] = (
                json.dumps(self._web_document(), ensure_ascii=False, indent=2).encode() + b"\n"
            )
        return files

    def update(
        self,
        signer: Signer,
        *,
        document: Mapping[str, Any] | None = None,
        update_keys: Sequence[PublicKey] | None = None,
        next_keys: Sequence[PublicKey] | None = None,
        witnesses: Witnesses | None = None,
        watchers: Sequence[str] | None = None,
        portable: bool | None = None,
        ttl: int | None = None,
        now: datetime | None = None,
    ) -> Log:
        """The log with one more entry, signed by ``signer``; what isn't given stays as it is.

        ``next_keys`` commits to the update keys of the entry after this one; an empty list ends pre-rotation. While
        pre-rotation is active ``update_keys`` and ``next_keys`` have to be given, and ``signer`` is one of
        ``update_keys``; otherwise it is one of the update keys before. Raises InvalidDidLog for what wouldn't verify.
        """
        given: dict[str, Any] = {
            "updateKeys": None if update_keys is None else [key.to_multikey() for key in update_keys],
            "nextKeyHashes": None if next_keys is None else [multikey_hash(key.to_multikey()) for key in next_keys],
            "witness": None if witnesses is None else witnesses.to_dict(),
            "watchers": None if watchers is None else list(watchers),
            "portable": portable,
            "ttl": ttl,
        }
        parameters = {name: value for name, value in given.items() if value is not None}
        return self._append(signer, dict(document) if document is not None else self.document, parameters, now)

    def rotate(
        self,
        signer: Signer,
        update_keys: Sequence[PublicKey],
        *,
        next_keys: Sequence[PublicKey] | None = None,
        now: datetime | None = None,
    ) -> Log:
        """The log with other update keys; the document stays. With pre-rotation, ``next_keys`` is needed."""
        return self.update(signer, update_keys=update_keys, next_keys=next_keys, now=now)

    def move(
        self,
        signer: Signer,
        host: str,
        *segments: str,
        port: int | None = None,
        now: datetime | None = None,
        **parameters: Any,
    ) -> Log:
        """The log with the DID at another place; it keeps its SCID and history. The first entry has to be portable."""
        old = self.did
        new = identifier_for(host, *segments, port=port).replace(PLACEHOLDER, self.latest.parameters.scid)
        document: dict[str, Any] = json.loads(json.dumps(self.latest.state).replace(old, new))
        also = [name for name in document.get("alsoKnownAs", []) if name != new]
        document["alsoKnownAs"] = [*also, old] if old not in also else also
        return self.update(signer, document=document, now=now, **parameters)

    def deactivate(
        self, signer: Signer, *, update_keys: Sequence[PublicKey] | None = None, now: datetime | None = None
    ) -> Log:
        """The log with its last entry: the DID is over, and no key may update it.

        With pre-rotation the committed keys have to be shown once more: give them as ``update_keys``.
        """
        parameters: dict[str, Any] = {"deactivated": True, "updateKeys": []}
        if self.latest.parameters.next_key_hashes:
            shown = update_keys if update_keys is not None else [signer.public_key]
            parameters = {**parameters, "updateKeys": [key.to_multikey() for key in shown], "nextKeyHashes": []}
        return self._append(signer, self.document, parameters, now)

    def _append(
        self, signer: Signer, document: Mapping[str, Any], parameters: Mapping[str, Any], now: datetime | None
    ) -> Log:
        moment = _moment(now)
        if now is None and moment <= self.latest.time:  # two changes within a second
            moment = self.latest.time + timedelta(seconds=1)
        entry: dict[str, Any] = {
            "versionId": self.latest.version_id,
            "versionTime": moment.strftime(_TIME),
            "parameters": dict(parameters),
            "state": dict(document),
        }
        entry["versionId"] = f"{self.latest.number + 1}-{entry_hash(entry, self.latest.version_id)}"
        entry["proof"] = [sign(entry, signer, moment)]
        version = verify_entry(entry, self.versions, moment)
        check(version.state, version.did)
        return Log((*self.versions, version))

    def _web_document(self) -> dict[str, Any]:
        """The document of the parallel did:web (did:webvh 1.0 section "Publishing a Parallel did:web DID")."""
        full = json.dumps(with_implicit_services(self.latest.state, self.did))
        document: dict[str, Any] = json.loads(full.replace(f"did:webvh:{self.latest.parameters.scid}:", "did:web:"))
        web = document["id"]
        also = [name for name in document.get("alsoKnownAs", []) if name not in (web, self.did)]
        document["alsoKnownAs"] = [*also, self.did]
        return document


def create(
    document: Mapping[str, Any],
    signer: Signer,
    *,
    update_keys: Sequence[PublicKey] | None = None,
    next_keys: Sequence[PublicKey] = (),
    witnesses: Witnesses | None = None,
    watchers: Sequence[str] = (),
    portable: bool = False,
    ttl: int | None = None,
    now: datetime | None = None,
) -> Log:
    """A new DID. ``document`` has the id ``identifier_for(...)`` and that placeholder wherever it names the DID.

    ``signer`` (Ed25519) is one of ``update_keys``, by default the only one. ``next_keys`` starts pre-rotation. Raises
    InvalidDidLog for what wouldn't verify.
    """
    moment = _moment(now)
    keys = update_keys if update_keys is not None else [signer.public_key]
    parameters: dict[str, Any] = {
        "method": METHOD_VERSION,
        "scid": PLACEHOLDER,
        "updateKeys": [key.to_multikey() for key in keys],
        "portable": portable,
    }
    if next_keys:
        parameters["nextKeyHashes"] = [multikey_hash(key.to_multikey()) for key in next_keys]
    if witnesses:
        parameters["witness"] = witnesses.to_dict()
    if watchers:
        parameters["watchers"] = list(watchers)
    if ttl is not None:
        parameters["ttl"] = ttl
    draft = {
        "versionId": PLACEHOLDER,
        "versionTime": moment.strftime(_TIME),
        "parameters": parameters,
        "state": dict(document),
    }
    scid = scid_hash(draft, PLACEHOLDER)
    entry: dict[str, Any] = json.loads(json.dumps(draft).replace(PLACEHOLDER, scid))
    entry["versionId"] = f"1-{entry_hash(entry, scid)}"
    entry["proof"] = [sign(entry, signer, moment)]
    version = verify_entry(entry, (), moment)
    check(version.state, version.did)
    return Log((version,))


def open_log(data: bytes, *, now: datetime | None = None) -> Log:
    """A log that was published, to be continued. Raises InvalidDidLog when it doesn't verify to its end."""
    history: History = read(data, _moment(now))
    if history.broken is not None:
        raise InvalidDidLog(history.broken.message)
    return Log(history.versions)


def _moment(now: datetime | None) -> datetime:
    return (now if now is not None else datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
