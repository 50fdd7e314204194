"""The MobileSecurityObject (ISO/IEC 18013-5 section 9.1.2.4): what an issuing authority signs of an mdoc."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from did import PublicKey

from .cose_key import from_cose_key, to_cose_key
from .encoding import at, decode, embedded, encode, encode_embedded, plain, problem

__all__ = [
    "DIGESTS",
    "MAX_DIGESTS",
    "MAX_NAMESPACES",
    "KeyAuthorizations",
    "MobileSecurityObject",
    "ValidityInfo",
    "check_name",
    "read_security_object",
]

DIGESTS: Final[Mapping[str, str]] = MappingProxyType({"SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"})
"""Digest algorithms (table 21), with hashlib's names."""
MAX_NAMESPACES: Final = 64
MAX_DIGESTS: Final = 4096
_VERSION: Final = "1.0"
_MAX_NAME: Final = 256
_MAX_DIGEST_ID: Final = 2**32 - 1  # The standard ends at 2^31 - 1; @owf/mdoc draws 32 bits.


@dataclass(frozen=True, slots=True)
class ValidityInfo:
    """Aware times to the second; ``expected_update`` is when the authority expects to sign anew."""

    signed: datetime
    valid_from: datetime
    valid_until: datetime
    expected_update: datetime | None = None

    def to_cbor(self) -> dict[str, datetime]:
        """As in the security object."""
        times = {"signed": self.signed, "validFrom": self.valid_from, "validUntil": self.valid_until}
        if self.expected_update is not None:
            times["expectedUpdate"] = self.expected_update
        return times


@dataclass(frozen=True, slots=True)
class KeyAuthorizations:
    """What the device key may sign itself: all of some namespaces, or named elements of others."""

    name_spaces: frozenset[str] = frozenset()
    data_elements: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def allow(self, name_space: str, element: str) -> bool:
        """Whether the device may sign this element."""
        return name_space in self.name_spaces or element in self.data_elements.get(name_space, ())

    def to_cbor(self) -> dict[str, Any]:
        """As in the security object."""
        content: dict[str, Any] = {}
        if self.name_spaces:
            content["nameSpaces"] = sorted(self.name_spaces)
        if self.data_elements:
            content["dataElements"] = {name: sorted(elements) for name, elements in self.data_elements.items()}
        return content


@dataclass(frozen=True, slots=True)
class MobileSecurityObject:
    """One security object. ``value_digests`` is namespace -> digest id -> digest; ``status`` the claim as it is."""

    doc_type: str
    digest_algorithm: str
    value_digests: Mapping[str, Mapping[int, bytes]]
    device_key: PublicKey
    validity: ValidityInfo
    key_authorizations: KeyAuthorizations = KeyAuthorizations()
    status: Mapping[str, Any] | None = None

    def digest(self, data: bytes) -> bytes:
        """The digest of an IssuerSignedItemBytes."""
        return hashlib.new(DIGESTS[self.digest_algorithm], data).digest()

    def encoded(self) -> bytes:
        """``MobileSecurityObjectBytes``: what is signed."""
        key_info: dict[str, Any] = {"deviceKey": to_cose_key(self.device_key)}
        if authorizations := self.key_authorizations.to_cbor():
            key_info["keyAuthorizations"] = authorizations
        content: dict[str, Any] = {
            "version": _VERSION,
            "digestAlgorithm": self.digest_algorithm,
            "valueDigests": {name: dict(digests) for name, digests in self.value_digests.items()},
            "deviceKeyInfo": key_info,
            "docType": self.doc_type,
            "validityInfo": self.validity.to_cbor(),
        }
        if self.status is not None:
            content["status"] = dict(self.status)
        return encode_embedded(encode(content))


def read_security_object(data: bytes, pointer: str) -> MobileSecurityObject:
    """The security object in a signature's payload. Nothing in it is believed before the signature is verified.

    Members that are not known are passed over: the authority signed them. Raises ProblemError (``mdoc.*``,
    ``parse.limit``).
    """
    content = embedded(decode(data, "the mobile security object", pointer))
    value = None if content is None else decode(content, "the mobile security object", pointer)
    if not isinstance(value, dict):
        raise _wrong("a mobile security object is a map, encoded once more (tag 24)", pointer)
    if value.get("version") != _VERSION:
        raise _wrong(f"only version {_VERSION} is known", pointer + "/version")
    algorithm = value.get("digestAlgorithm")
    if not isinstance(algorithm, str) or algorithm not in DIGESTS:
        raise _wrong(f"the digest algorithm is one of {', '.join(DIGESTS)}", pointer + "/digestAlgorithm")
    key_info = value.get("deviceKeyInfo")
    if not isinstance(key_info, dict):
        raise _wrong("deviceKeyInfo is a map", pointer + "/deviceKeyInfo")
    status = value.get("status")
    if "status" in value and not isinstance(status, dict):
        raise _wrong("status is a map", pointer + "/status")
    return MobileSecurityObject(
        doc_type=check_name(value.get("docType"), "docType", pointer + "/docType"),
        digest_algorithm=algorithm,
        value_digests=_value_digests(value.get("valueDigests"), algorithm, pointer + "/valueDigests"),
        device_key=from_cose_key(key_info.get("deviceKey"), pointer + "/deviceKeyInfo/deviceKey"),
        validity=_validity(value.get("validityInfo"), pointer + "/validityInfo"),
        key_authorizations=_authorizations(key_info, pointer + "/deviceKeyInfo/keyAuthorizations"),
        status=None if status is None else plain(status, pointer + "/status"),
    )


def check_name(value: Any, what: str, pointer: str) -> str:
    """``value``, when it is a name of a document type, namespace or element. Raises ProblemError."""
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME:
        raise _wrong(f"{what} is a text of 1 to {_MAX_NAME} characters", pointer)
    return value


def _value_digests(value: Any, algorithm: str, pointer: str) -> dict[str, dict[int, bytes]]:
    if not isinstance(value, dict) or not value:
        raise _wrong("valueDigests is a map with one namespace or more", pointer)
    size = hashlib.new(DIGESTS[algorithm]).digest_size
    if len(value) > MAX_NAMESPACES or sum(len(d) for d in value.values() if isinstance(d, dict)) > MAX_DIGESTS:
        detail = f"more than {MAX_NAMESPACES} namespaces or {MAX_DIGESTS} digests"
        raise problem("parse.limit", detail, pointer)
    for name, digests in value.items():
        check_name(name, "a namespace", pointer)
        if not isinstance(digests, dict) or not digests:
            raise _wrong("the digests of a namespace are a map with one or more", at(pointer, name))
        for number, digest in digests.items():
            if type(number) is not int or not 0 <= number <= _MAX_DIGEST_ID:
                raise _wrong("a digest id is a whole number below 2^32", at(pointer, name))
            if not isinstance(digest, bytes) or len(digest) != size:
                raise _wrong(f"a digest has {size} bytes", f"{at(pointer, name)}/{number}")
    return value


def _validity(value: Any, pointer: str) -> ValidityInfo:
    if not isinstance(value, dict):
        raise _wrong("validityInfo is a map", pointer)
    times = {name: value.get(name) for name in ("signed", "validFrom", "validUntil")}
    if "expectedUpdate" in value:
        times["expectedUpdate"] = value["expectedUpdate"]
    for name, time in times.items():
        if not isinstance(time, datetime) or time.utcoffset() != UTC.utcoffset(None) or time.microsecond:
            raise _wrong(f"{name} is a date and time in UTC, to the second", at(pointer, name))
    found = ValidityInfo(*times.values())  # type: ignore[arg-type]
    if not found.signed <= found.valid_from < found.valid_until:
        raise _wrong("an mdoc is signed, then valid, then no longer", pointer)
    return found


def _authorizations(key_info: dict[Any, Any], pointer: str) -> KeyAuthorizations:
    if "keyAuthorizations" not in key_info:
        return KeyAuthorizations()
    value = key_info["keyAuthorizations"]
    if not isinstance(value, dict) or not value.keys() <= {"nameSpaces", "dataElements"}:
        raise _wrong("keyAuthorizations is a map of nameSpaces and dataElements", pointer)
    spaces, elements = value.get("nameSpaces", []), value.get("dataElements", {})
    if not isinstance(spaces, list) or not isinstance(elements, dict):
        raise _wrong("nameSpaces is an array, dataElements a map of arrays", pointer)
    names = frozenset(check_name(name, "a namespace", pointer + "/nameSpaces") for name in spaces)
    named: dict[str, frozenset[str]] = {}
    for name, items in elements.items():
        check_name(name, "a namespace", pointer + "/dataElements")
        if not isinstance(items, list) or not items or name in names:
            raise _wrong(
                "a namespace is authorised whole, or by one element or more", at(pointer + "/dataElements", name)
            )
        named[name] = frozenset(check_name(item, "an element", at(pointer + "/dataElements", name)) for item in items)
    return KeyAuthorizations(names, named)


def _wrong(detail: str, pointer: str) -> Any:
    return problem("mdoc.security_object", detail, pointer)
