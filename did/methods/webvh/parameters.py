"""The parameters of a did:webvh log (did:webvh 1.0 section "did:webvh DID Method Parameters"), entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...errors import DidError, InvalidDidLog, InvalidDidLogParameters
from ..key import public_key_of
from .proofs import ed25519_key, multikey_hash

__all__ = ["METHOD_VERSION", "Parameters", "Witnesses", "evolve"]

METHOD_VERSION: Final = "did:webvh:1.0"
DEFAULT_TTL: Final = 3600

_NAMES: Final = frozenset(
    {"method", "scid", "updateKeys", "nextKeyHashes", "witness", "watchers", "portable", "deactivated", "ttl"}
)
# Early implementations wrote null for "the default"; the specification asks to read it so.
_DEFAULTS: Final[dict[str, Any]] = {
    "updateKeys": [],
    "nextKeyHashes": [],
    "witness": {},
    "watchers": [],
    "ttl": DEFAULT_TTL,
}
_MAX_LIST: Final = 64
_MAX_TEXT: Final = 2048


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who must approve an entry, and how many of them. None of them: ``threshold`` 0."""

    threshold: int = 0
    ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.threshold > 0

    def to_dict(self) -> dict[str, Any]:
        """The ``witness`` parameter."""
        return {"threshold": self.threshold, "witnesses": [{"id": i} for i in self.ids]} if self else {}

    @classmethod
    def from_dict(cls, value: Any) -> Witnesses:
        """Read the ``witness`` parameter. Raises InvalidDidLogParameters rather than take a bad one for none."""
        if not isinstance(value, Mapping):
            raise InvalidDidLogParameters("witness is an object")
        if not value:
            return cls()
        threshold, listed = value.get("threshold"), value.get("witnesses")
        if not isinstance(listed, list) or not 0 < len(listed) <= _MAX_LIST:
            raise InvalidDidLogParameters("witness holds a list of witnesses")
        ids = tuple(_witness_id(entry) for entry in listed)
        if len(set(ids)) != len(ids):
            raise InvalidDidLogParameters("a witness is listed twice")
        if type(threshold) is not int or not 1 <= threshold <= len(ids):
            raise InvalidDidLogParameters("the threshold of witnesses is between 1 and their number")
        return cls(threshold, ids)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is in force after an entry."""

    scid: str
    update_keys: tuple[str, ...]
    next_key_hashes: tuple[str, ...] = ()
    witnesses: Witnesses = Witnesses()
    watchers: tuple[str, ...] = ()
    portable: bool = False
    deactivated: bool = False
    ttl: int = DEFAULT_TTL


def evolve(before: Parameters | None, given: Any) -> Parameters:
    """The parameters after an entry that says ``given``; ``before`` is None for the first. Raises InvalidDidLog."""
    if not isinstance(given, Mapping) or not given.keys() <= _NAMES:
        raise InvalidDidLogParameters("parameters that did:webvh 1.0 doesn't have")
    said = {name: _DEFAULTS[name] if value is None and name in _DEFAULTS else value for name, value in given.items()}
    _check_method(said, first=before is None)
    keys = tuple(_strings(said, "updateKeys"))
    for key in keys:
        ed25519_key(key)
    if before is None:
        if not isinstance(said.get("scid"), str) or not keys:
            raise InvalidDidLogParameters("the first entry has a scid and updateKeys")
        start = Parameters(said["scid"], keys)
    else:
        _check_later(before, said, keys)
        start = before
    return Parameters(
        scid=start.scid,
        update_keys=keys if "updateKeys" in said else start.update_keys,
        next_key_hashes=_or(said, "nextKeyHashes", start.next_key_hashes),
        witnesses=Witnesses.from_dict(said["witness"]) if "witness" in said else start.witnesses,
        watchers=_or(said, "watchers", start.watchers),
        portable=_boolean(said, "portable", start.portable),
        deactivated=_boolean(said, "deactivated", start.deactivated),
        ttl=_ttl(said, start.ttl),
    )


def _check_method(said: Mapping[str, Any], *, first: bool) -> None:
    if (first or "method" in said) and said.get("method") != METHOD_VERSION:
        raise InvalidDidLog(f"a log of another version than {METHOD_VERSION}")


def _check_later(before: Parameters, said: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    if "scid" in said:
        raise InvalidDidLogParameters("only the first entry has a scid")
    if said.get("portable") is True:
        raise InvalidDidLogParameters("only the first entry can make a DID portable")
    if not before.next_key_hashes:
        return
    if "updateKeys" not in said or "nextKeyHashes" not in said:
        raise InvalidDidLogParameters("with pre-rotation every entry states its updateKeys and nextKeyHashes")
    if not all(multikey_hash(key) in before.next_key_hashes for key in keys):
        raise InvalidDidLogParameters("an update key that the entry before didn't commit to")


def _witness_id(entry: Any) -> str:
    identifier = entry.get("id") if isinstance(entry, Mapping) else None
    try:
        if isinstance(identifier, str) and public_key_of(identifier).key_type == "Ed25519":
            return identifier
    except DidError as error:
        raise InvalidDidLogParameters(f"a witness that can't be used: {error.message}") from None
    raise InvalidDidLogParameters("a witness is a did:key with an Ed25519 key")


def _strings(said: Mapping[str, Any], name: str) -> list[str]:
    value = said.get(name, [])
    if not isinstance(value, list) or len(value) > _MAX_LIST:
        raise InvalidDidLogParameters(f"{name} is a list of at most {_MAX_LIST}")
    if not all(isinstance(entry, str) and len(entry) <= _MAX_TEXT for entry in value):
        raise InvalidDidLogParameters(f"{name} is a list of strings")
    return value


def _or(said: Mapping[str, Any], name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_strings(said, name)) if name in said else otherwise


def _boolean(said: Mapping[str, Any], name: str, otherwise: bool) -> bool:
    value = said.get(name, otherwise)
    if not isinstance(value, bool):
        raise InvalidDidLogParameters(f"{name} is true or false")
    return value


def _ttl(said: Mapping[str, Any], otherwise: int) -> int:
    value = said.get("ttl", otherwise)
    if type(value) is not int or not 0 <= value <= 2**31:
        raise InvalidDidLogParameters("ttl is a number of seconds")
    return value
