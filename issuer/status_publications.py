"""What a publication of a status list is: signed in its forms, as a file, and as it is served."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

import vc
from did import Signer
from vc.status import (
    StatusList,
    TokenStatusList,
    issue_status_list_cwt,
    issue_status_list_jwt,
    status_list_credential,
)

from .environment import Random, rfc3339

__all__ = ["MEDIA_TYPES", "PublishedList", "Served", "SignedForm", "file_of", "sign_list", "write_file"]

MEDIA_TYPES = {"vc": "application/vc", "jwt": "application/statuslist+jwt", "cwt": "application/statuslist+cwt"}
"""Form -> media type."""

_SUFFIXES = {"vc": "json", "jwt": "jwt", "cwt": "cwt"}


@dataclass(frozen=True, slots=True)
class SignedForm:
    """A signed list in one form: ``vc``, ``jwt`` or ``cwt``."""

    form: str
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Served:
    """A list as it is served: the bytes, their media type, and until when and how long they may be used."""

    content: bytes
    media_type: str
    digest: str
    publication: int
    published_at: datetime
    valid_until: datetime
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as published: its URL, what it is for, how many entries are set, the signed forms, the file if any."""

    url: str
    purpose: str
    number: int
    publication: int
    set_bits: int
    valid_until: datetime
    forms: tuple[SignedForm, ...]
    path: Path | None = None

    @property
    def document(self) -> Mapping[str, Any]:
        """The signed credential. Raises LookupError for a Token Status List, which is none."""
        for form in self.forms:
            if form.form == "vc":
                document: Mapping[str, Any] = orjson.loads(form.content)
                return document
        raise LookupError("a Token Status List is no credential")

    def to_dict(self) -> dict[str, Any]:
        """The publication as JSON, without the signed forms."""
        return {
            "url": self.url,
            "purpose": self.purpose,
            "number": self.number,
            "publication": self.publication,
            "set": self.set_bits,
            "validUntil": rfc3339(self.valid_until),
            "file": str(self.path) if self.path else None,
        }


def sign_list(
    statuses: StatusList | TokenStatusList,
    signer: Signer,
    *,
    url: str,
    purpose: str,
    now: datetime,
    valid_until: datetime,
    ttl: timedelta,
    random: Random,
) -> tuple[SignedForm, ...]:
    """The list signed as a BitstringStatusListCredential, or a Token Status List as JWT and as CWT."""
    if isinstance(statuses, TokenStatusList):
        claims: dict[str, Any] = {"uri": url, "issued_at": now, "expires": valid_until, "ttl": ttl}
        jwt = issue_status_list_jwt(statuses, signer, **claims).encode()
        return SignedForm("jwt", jwt), SignedForm("cwt", issue_status_list_cwt(statuses, signer, **claims))
    unsigned = status_list_credential(
        statuses, id=url, issuer=signer.did, purpose=purpose, valid_from=now, valid_until=valid_until, ttl=ttl
    )
    return (SignedForm("vc", orjson.dumps(vc.issue(unsigned, signer, now=now, random=random))),)


def file_of(directory: Path, name: str, form: str) -> Path:
    """Where a list is written in one form."""
    return directory / f"{name}.{_SUFFIXES[form]}"


def write_file(directory: Path, name: str, signed: SignedForm) -> Path:
    """Replace ``<directory>/<name>.json`` (.jwt, .cwt) in one step: a reader sees the old list or the new one."""
    path = file_of(directory, name, signed.form)
    handle, temporary_name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(temporary_name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(signed.content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
