"""What of a DID document can be used: one odd entry spoils nothing else.

A document that was resolved is refused whole for its ``id``, for what its JSON is, or for a secret in it. Everything
else that ``did.documents.check`` objects to costs the entry or member that it is about: that one is left out of the
document that resolution gives, and named with its reason in the resolution metadata (``unusable``). Authors of
documents are held to ``check``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .documents import (
    MAX_ENTRIES,
    check_context,
    check_method,
    check_method_id,
    check_service,
    check_strings,
    check_with_pydid,
)
from .errors import InvalidDidDocument
from .urls import resolve_reference
from .verification_methods import RELATIONSHIPS

__all__ = ["UNUSABLE", "reason_for", "usable_part"]

UNUSABLE: Final = "unusable"
"""The member of the resolution metadata: a list of objects with ``pointer``, ``reason`` and, where there is one, ``id``
(absolute).
"""

_MAX_SECRETS_DEPTH: Final = 32


def usable_part(document: Any, did: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document of ``did`` without what can't be used in it, and the metadata that says what that was.

    The metadata is empty when nothing was left out. Raises InvalidDidDocument for what is no object, for another id,
    for too many entries, and for secrets.
    """
    if not isinstance(document, Mapping):
        raise InvalidDidDocument("a DID document is a JSON object", did)
    if document.get("id") != did:
        found = document.get("id")
        shown = found[:200] if isinstance(found, str) else "none"
        raise InvalidDidDocument(f"the document's id isn't the DID that was asked for: found {shown}", did)
    _refuse_secrets(document, did)
    return _Reading(document, did).result()


def reason_for(metadata: Mapping[str, Any], did_url: str) -> str | None:
    """Why the method or service of that absolute id can't be used; None when nothing is said of it."""
    for entry in metadata.get(UNUSABLE) or ():
        if entry.get("id") == did_url:
            reason: str = entry["reason"]
            return reason
    return None


def _refuse_secrets(document: Mapping[str, Any], did: str) -> None:
    level: list[Any] = [document]
    for _ in range(_MAX_SECRETS_DEPTH + 1):
        below: list[Any] = []
        for node in level:
            if isinstance(node, Mapping):
                if ("kty" in node and "d" in node) or any(
                    isinstance(name, str) and name.startswith(("secretKey", "privateKey")) for name in node
                ):
                    raise InvalidDidDocument("a document that publishes a secret key: treat that key as lost", did)
                below += node.values()
            elif isinstance(node, list):
                below += node
        level = below
        if not level:
            return
    raise InvalidDidDocument(f"JSON nested deeper than {_MAX_SECRETS_DEPTH}", did)


class _Reading:
    """One walk over a document: what is kept, and what was left out."""

    def __init__(self, document: Mapping[str, Any], did: str) -> None:
        self._did = did
        self._left_out: list[dict[str, str]] = []
        self._kept = dict(document)
        self._methods: dict[str, Mapping[str, Any]] = {}
        self._ambiguous: set[str] = set()
        self._services: set[str] = set()

    def result(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The document and the metadata."""
        kept = self._kept
        self._attempt("/@context", check_context, kept)
        for name in ("controller", "alsoKnownAs"):
            if name in kept and not self._attempt(f"/{name}", check_strings, {name: kept[name]}):
                del kept[name]
        self._find_ambiguous()
        self._each("verificationMethod", self._method)
        for relationship in RELATIONSHIPS:
            self._each(relationship, self._entry)
        self._services = {*self._methods, *self._ambiguous}  # A service takes no method's id.
        self._each("service", self._service)
        if not self._left_out:
            self._attempt("", check_with_pydid, kept)
        return kept, {UNUSABLE: self._left_out} if self._left_out else {}

    def _each(self, name: str, read: Callable[[Any], Any]) -> None:
        """Keep the entries of a list that ``read`` takes (or what it makes of them)."""
        if name not in self._kept:
            return
        entries = self._kept[name]
        if not isinstance(entries, list):
            self._leave_out(f"/{name}", f"{name} is a list", None)
            del self._kept[name]
            return
        if len(entries) > MAX_ENTRIES:
            raise InvalidDidDocument(f"{name} has more than {MAX_ENTRIES} entries", self._did)
        kept = []
        for index, entry in enumerate(entries):
            try:
                found = read(entry)
            except InvalidDidDocument as error:
                self._leave_out(f"/{name}/{index}", error.message, entry)
            else:
                if found is not None:
                    kept.append(found)
        self._kept[name] = kept

    def _method(self, method: Any) -> Any:
        """The method; None for one that stands there already, equal in all."""
        absolute = check_method(method, self._did)
        if absolute in self._ambiguous:
            raise InvalidDidDocument("two verification methods of one id that differ", self._did)
        if absolute in self._methods:
            return None
        self._methods[absolute] = method
        return method

    def _entry(self, entry: Any) -> Any:
        """A reference, or an embedded method; one that stands elsewhere already is kept as a reference to it."""
        if isinstance(entry, str):
            check_method_id(entry, self._did)
            return entry
        return self._method(entry) or entry["id"]

    def _find_ambiguous(self) -> None:
        """The ids that methods which differ share: neither can be meant, so neither is used."""
        seen: dict[str, Mapping[str, Any]] = {}
        for method in _embedded(self._kept):
            identifier = method.get("id")
            if isinstance(identifier, str):
                absolute = resolve_reference(identifier, self._did)
                if absolute in seen and _said(seen[absolute], self._did) != _said(method, self._did):
                    self._ambiguous.add(absolute)
                seen.setdefault(absolute, method)

    def _service(self, service: Any) -> Any:
        check_service(service, self._did, self._services)
        return service

    def _attempt(self, pointer: str, check: Callable[[Mapping[str, Any], str], None], part: Mapping[str, Any]) -> bool:
        try:
            check(part, self._did)
        except InvalidDidDocument as error:
            self._leave_out(pointer, error.message, None)
            return False
        return True

    def _leave_out(self, pointer: str, reason: str, entry: Any) -> None:
        found = {"pointer": pointer, "reason": reason}
        identifier = entry.get("id") if isinstance(entry, Mapping) else None
        if isinstance(identifier, str):
            found["id"] = resolve_reference(identifier, self._did)[:2048]
        self._left_out.append(found)


def _embedded(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("verificationMethod", *RELATIONSHIPS):
        entries = document.get(name)
        if isinstance(entries, list):
            yield from (entry for entry in entries[: MAX_ENTRIES + 1] if isinstance(entry, Mapping))


def _said(method: Mapping[str, Any], did: str) -> dict[str, Any]:
    """A method with its references made absolute, to compare."""
    said = dict(method)
    for name in ("id", "controller"):
        if isinstance(said.get(name), str):
            said[name] = resolve_reference(said[name], did)
    return said
