"""The sealed OFD file of a licence (GB/T 36905, GB/T 33190), and the card that names it.

    file = licence_file.read(data)                      identifier (GB/T 36904) and digest (SM3) of an OFD file
    named = licence_file.name_in(credential, file)      the credential, which names the file from now on
    problems = licence_file.check(card, file)           none: it is the file that the card names

A card does not take the place of the sealed file: it says which one it stands beside. It does so with what VCDM 2.0 has
for that (section 5.3): an entry of ``relatedResource`` with the file's digest (``digestMultibase``, multihash sm3-256),
beside the claim ``licenceIdentifier`` that cards have anyway. So no context changes. Whether the file's own seal is
good is not looked at: that is for software with the seal's certificates.
"""

from __future__ import annotations

import hmac
import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from did import multibase
from vc.hashes import hash_named
from vc.problems import Problem, ProblemError

from .identifiers import LICENCE_ROOT, check_licence_identifier

__all__ = ["MAX_FILE", "MEDIA_TYPE", "LicenceFile", "check", "name_in", "read"]

MAX_FILE: Final = 16 * 1024 * 1024
"""Bytes of an OFD file that are read at most."""
MEDIA_TYPE: Final = "application/ofd"

_PARTS: Final = 4096
_ENTRY: Final = "OFD.xml"
_MOST_XML: Final = 1024 * 1024
_CHUNK: Final = 16 * 1024
_DEPTH: Final = 32
_ELEMENTS: Final = 4096
_LONGEST_VALUE: Final = 256
_SM3_256: Final = b"\xcd\xa6\x01\x20"
"""Multihash of SM3: code 0x534d, 32 bytes."""


class LicenceFile(NamedTuple):
    """What an OFD file says of itself, and what it is.

    ``identifier`` is the e-licence identifier among its metadata, "" where there is none; ``digest_multibase`` the
    multihash sm3-256 of all its bytes in base58btc; ``size`` their number.
    """

    identifier: str
    digest_multibase: str
    size: int

    @property
    def resource(self) -> dict[str, str]:
        """The entry of ``relatedResource`` that names it. Its id is made of the identifier, or else of the digest."""
        place = self.identifier.removeprefix(LICENCE_ROOT + ".") or self.digest_multibase
        return {
            "id": f"urn:oid:{LICENCE_ROOT}#{place}",
            "mediaType": MEDIA_TYPE,
            "digestMultibase": self.digest_multibase,
        }

    def to_dict(self) -> dict[str, Any]:
        """For people and programs to read."""
        return {
            "licenceIdentifier": self.identifier or None,
            "digestMultibase": self.digest_multibase,
            "sm3": multibase.decode(self.digest_multibase)[len(_SM3_256) :].hex(),
            "size": self.size,
        }


def read(data: bytes) -> LicenceFile:
    """Look into an untrusted OFD file: at its directory and its entry ``OFD.xml``, at no other part.

    Raises ProblemError: ``licence_file.form`` for what is no OFD file, or one that says two things or too much;
    ``proof.hash_unknown`` where this machine has no SM3.
    """
    if len(data) > MAX_FILE:
        raise _unreadable(f"an OFD file of more than {MAX_FILE:,} bytes is not read")
    found = _Metadata()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [item for item in archive.infolist() if item.filename.lower() == _ENTRY.lower()]
            if len(archive.infolist()) > _PARTS:
                raise _unreadable(f"it has more than {_PARTS} parts")
            if len(entries) != 1:  # Two readers of an archive with two entries see two documents.
                raise _unreadable("it has no part OFD.xml, or several")
            if entries[0].file_size > _MOST_XML:
                raise _unreadable("its part OFD.xml unpacks to too much")
            with archive.open(entries[0]) as part:  # Never read beyond the size its header states.
                found.read(part.read(_MOST_XML + 1))
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        LookupError,
        expat.ExpatError,
        zlib.error,
    ) as error:
        if isinstance(error, ProblemError):
            raise
        raise _unreadable("the archive, or its part OFD.xml, is damaged") from None
    if len(found.identifiers) > 1:
        raise _unreadable("its metadata name several licences")
    digest: bytes = hash_named("sm3")(data).digest()
    return LicenceFile("".join(found.identifiers), multibase.encode(_SM3_256 + digest, "z"), len(data))


def name_in(credential: Mapping[str, Any], file: LicenceFile) -> dict[str, Any]:
    """The unsecured ``credential`` of a card, naming ``file``; a new document, with its other related resources.

    Raises ProblemError (``licence_file.identifier``) when the card is of another licence than the file.
    """
    if problems := _other_licence(credential, file):
        raise ProblemError(*problems)
    kept = [one for one in _resources(credential) if not _is_licence_file(one)]
    return {**credential, "relatedResource": [*kept, file.resource] if kept else file.resource}


def check(credential: Mapping[str, Any], file: LicenceFile) -> list[Problem]:
    """What is against ``file`` being the one that the card names; empty when nothing is. Never raises.

    ``credential`` (untrusted form) has been verified. Codes: ``licence_file.not_named`` when it names no file, or does
    not show it; ``licence_file.digest``; ``licence_file.identifier`` when it shows the identifier of another licence
    than the file's metadata do, whatever the digest says.
    """
    named = [one for one in _resources(credential) if _is_licence_file(one)]
    if not named:
        detail = "the card names no OFD file, or does not show it"
        return [Problem("licence_file.not_named", detail, "/relatedResource")]
    problems = _other_licence(credential, file)
    if not any(_is_digest(one.get("digestMultibase"), file) for one in named):
        detail = "the file has another SM3 digest than the one that the card names"
        problems.append(Problem("licence_file.digest", detail, "/relatedResource"))
    return problems


def _other_licence(credential: Mapping[str, Any], file: LicenceFile) -> list[Problem]:
    subject = credential.get("credentialSubject")
    shown = subject.get("licenceIdentifier") if isinstance(subject, Mapping) else None
    if shown is None or not file.identifier or shown == file.identifier:
        return []
    detail = "the card's licence identifier is not the one among the file's metadata"
    return [Problem("licence_file.identifier", detail, "/credentialSubject/licenceIdentifier")]


def _resources(credential: Mapping[str, Any]) -> list[Any]:
    value = credential.get("relatedResource", [])
    return value if isinstance(value, list) else [value]


def _is_licence_file(resource: object) -> bool:
    return isinstance(resource, Mapping) and resource.get("mediaType") == MEDIA_TYPE


def _is_digest(value: object, file: LicenceFile) -> bool:
    """Whether one of the digests is the file's; multibase ``z`` and ``u`` are read."""
    expected = multibase.decode(file.digest_multibase)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and len(one) <= 64:
            try:
                found = multibase.decode(one)
            except ValueError:
                continue
            if hmac.compare_digest(found, expected):
                return True
    return False


def _unreadable(detail: str) -> ProblemError:
    return ProblemError(Problem("licence_file.form", detail))


class _Metadata:
    """Reads OFD.xml (GB/T 33190 section 7.4) for the identifiers among the values of its ``CustomData``.

    What name the metadata of GB/T 36903 have there differs from maker to maker: what counts is a value of the form of
    GB/T 36904 with the right check character.
    """

    def __init__(self) -> None:
        self.identifiers: set[str] = set()
        self._depth = self._elements = 0
        self._value: list[str] | None = None

    def read(self, xml: bytes) -> None:
        """Raises ProblemError, ExpatError."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        for start in range(0, len(xml), _CHUNK):
            parser.Parse(xml[start : start + _CHUNK], False)
        parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise _unreadable("its part OFD.xml has a document type, which is not allowed")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _DEPTH or self._elements > _ELEMENTS:
            raise _unreadable("its part OFD.xml has too many elements, or too deep ones")
        local = name.rpartition(":")[2]
        if self._depth == 1 and local != "OFD":
            raise _unreadable("its part OFD.xml is something else")
        self._value = [] if local == "CustomData" else None

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._value is not None:
            text = "".join(self._value).strip()
            if not check_licence_identifier(text):
                self.identifiers.add(text)
        self._value = None

    def _text(self, text: str) -> None:
        if self._value is not None and sum(map(len, self._value)) <= _LONGEST_VALUE:
            self._value.append(text)
