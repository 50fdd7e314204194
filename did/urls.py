"""DIDs and DID URLs as text (DID 1.1 sections 3.1 and 3.2). Strict: what isn't in the grammar is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from .errors import InvalidDid, InvalidDidUrl

__all__ = ["MAX_DID", "DidUrl", "is_did", "parse_did", "parse_did_url", "resolve_reference"]

MAX_DID: Final = 65536
"""Characters of a DID URL at most (a did:peer:4 in its long form holds a document)."""

_IDCHAR: Final = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
_DID: Final = rf"did:(?P<method>[a-z0-9]+):(?P<id>(?:{_IDCHAR}*+:)*+{_IDCHAR}++)"
_PCHAR: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_DID_PATTERN: Final = re.compile(_DID, re.ASCII)
_URL_PATTERN: Final = re.compile(
    rf"{_DID}(?P<path>(?:/{_PCHAR}*)*)(?:\?(?P<query>(?:{_PCHAR}|[/?])*))?(?:#(?P<fragment>(?:{_PCHAR}|[/?])*))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class DidUrl:
    """A DID URL in its parts. ``query`` and ``fragment`` are None when absent, and as written otherwise."""

    did: str
    method: str
    method_specific_id: str
    path: str = ""
    query: str | None = None
    fragment: str | None = None

    @property
    def resource(self) -> str:
        """The DID URL without its fragment."""
        return self.did + self.path + ("" if self.query is None else "?" + self.query)

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, percent-decoded. Raises InvalidDidUrl when one appears twice or isn't UTF-8."""
        found: dict[str, str] = {}
        for part in (self.query or "").split("&"):
            if not part:
                continue
            name, _, value = part.partition("=")
            try:
                key, text = unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()
            except UnicodeDecodeError:
                raise InvalidDidUrl("a query parameter that isn't UTF-8", self.did) from None
            if key in found:
                raise InvalidDidUrl(f"the query parameter {key!r} appears twice", self.did)
            found[key] = text
        return found

    def __str__(self) -> str:
        return self.resource + ("" if self.fragment is None else "#" + self.fragment)


def parse_did(did: str) -> DidUrl:
    """The parts of a bare DID. Raises InvalidDid, also for a DID URL with a path, query or fragment."""
    match = _DID_PATTERN.fullmatch(did) if isinstance(did, str) and len(did) <= MAX_DID else None
    if match is None:
        raise InvalidDid("not a DID: it has the form did:method:specific-id", did if isinstance(did, str) else "")
    return DidUrl(did, match["method"], match["id"])


def parse_did_url(url: str) -> DidUrl:
    """The parts of a DID URL (or a bare DID). Raises InvalidDidUrl."""
    match = _URL_PATTERN.fullmatch(url) if isinstance(url, str) and len(url) <= MAX_DID else None
    if match is None:
        raise InvalidDidUrl("not a DID URL", url if isinstance(url, str) else "")
    did = f"did:{match['method']}:{match['id']}"
    return DidUrl(did, match["method"], match["id"], match["path"], match["query"], match["fragment"])


def is_did(value: object) -> bool:
    """Whether ``value`` is a bare DID."""
    return isinstance(value, str) and len(value) <= MAX_DID and _DID_PATTERN.fullmatch(value) is not None


def resolve_reference(reference: str, base: str) -> str:
    """A relative DID URL (``#key-1``, ``?versionId=1#key-1``) made absolute against the DID ``base``.

    Anything that has a scheme is returned as it is (DID 1.1 section 3.2.1); the empty reference is the base itself
    (RFC 3986 section 5.2).
    """
    return base + reference if reference[:1] in ("", "#", "?", "/") else reference
