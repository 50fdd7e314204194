"""``pkcs11:`` URIs (RFC 7512): which token, which key, where its PIN comes from; read strictly, and written."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from ..errors import SignerLocked, SignerUnknown

__all__ = ["MODULE_VARIABLE", "TokenUri"]

MODULE_VARIABLE: Final = "LIANGZHENG_PKCS11_MODULE"
"""The environment variable that names the PKCS#11 module where a URI doesn't."""

_MAX_URI: Final = 4096
_MAX_PIN: Final = 4096
# What is not here is refused: a key is not chosen by half of its name.
_PATH: Final = frozenset({"token", "manufacturer", "serial", "model", "object", "id", "type", "slot-id"})
_QUERY: Final = frozenset({"pin-source", "module-path", "x-did", "x-method"})
# What RFC 7512 section 2.3 lets stand unescaped in a path attribute, beside letters, digits and "-._~".
_PLAIN: Final = ":[]@!$'()*+,="


@dataclass(frozen=True, slots=True)
class TokenUri:
    """What a URI says. "" and None stand for what it doesn't.

    ``did`` and ``verification_method`` are the query attributes ``x-did`` and ``x-method``, vendor attributes in the
    sense of RFC 7512: the controller the key speaks for, instead of its own did:key.
    """

    token: str = ""
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    slot_id: int | None = None
    object: str = ""
    id: bytes = b""
    module_path: str = ""
    pin_source: str = ""
    did: str = ""
    verification_method: str = ""

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Raises SignerUnknown for what is no such URI, and for a PIN in it (``pin-value``)."""
        if not isinstance(text, str) or len(text) > _MAX_URI or text[:7].lower() != "pkcs11:":
            raise SignerUnknown(f"a PKCS#11 URI starts with pkcs11: and has at most {_MAX_URI} characters (RFC 7512)")
        path, _, query = text[7:].partition("?")
        if "pin-value" in query:
            detail = "a PIN in a URI stands in the process list and in histories: use pin-source, or the environment"
            raise SignerLocked(detail)
        found = _attributes(path, ";", _PATH)
        asked = _attributes(query, "&", _QUERY)
        if found.pop("type", b"private") != b"private":
            raise SignerUnknown("a PKCS#11 URI names a private key here: type=private, or no type")
        slot = _text(found.pop("slot-id", b""))
        if slot and not (slot.isascii() and slot.isdigit()):
            raise SignerUnknown("slot-id is a number")
        return cls(
            **{name: _text(found.get(name, b"")) for name in ("token", "manufacturer", "model", "serial", "object")},
            slot_id=int(slot) if slot else None,
            id=found.get("id", b""),
            module_path=_text(asked.get("module-path", b"")),
            pin_source=_text(asked.get("pin-source", b"")),
            did=_text(asked.get("x-did", b"")),
            verification_method=_text(asked.get("x-method", b"")),
        )

    def __str__(self) -> str:
        path = [
            f"{name}={quote(value, safe=_PLAIN)}"
            for name, value in (
                ("token", self.token),
                ("manufacturer", self.manufacturer),
                ("model", self.model),
                ("serial", self.serial),
                ("object", self.object),
            )
            if value
        ]
        if self.slot_id is not None:
            path.append(f"slot-id={self.slot_id}")
        if self.id:
            path.append("id=" + "".join(f"%{byte:02X}" for byte in self.id))
        query = [
            f"{name}={quote(value, safe=_PLAIN + '/')}"
            for name, value in (
                ("module-path", self.module_path),
                ("pin-source", self.pin_source),
                ("x-did", self.did),
                ("x-method", self.verification_method),
            )
            if value
        ]
        return "pkcs11:" + ";".join(path) + ("?" + "&".join(query) if query else "")

    def key(self, label: str, identifier: bytes) -> TokenUri:
        """The URI of one key in the token of this one."""
        return replace(self, object=label, id=identifier)

    def module(self) -> str:
        """The path of the module to load. Raises SignerUnknown: none is named, or not by a whole path."""
        path = self.module_path or os.environ.get(MODULE_VARIABLE, "")
        if not path:
            raise SignerUnknown(f"no PKCS#11 module is named: give module-path in the URI, or set {MODULE_VARIABLE}")
        if not Path(path).is_absolute() or not Path(path).is_file():
            raise SignerUnknown(f"the PKCS#11 module {path!r} is not the whole path of a file")
        return path

    def pin(self) -> str | None:
        """The PIN from ``pin-source``, or None when the URI names none: ``fd:3`` (an open file descriptor, read once),
        ``env:NAME``, ``file:/path``; the first line of it. Raises SignerLocked, OSError.
        """
        kind, _, where = self.pin_source.partition(":")
        if not self.pin_source:
            return None
        if kind == "env" and where:
            line = os.environ.get(where, "").encode()
        elif kind == "fd" and where.isascii() and where.isdigit():
            with os.fdopen(int(where), "rb") as file:
                line = file.readline(_MAX_PIN)
        elif kind == "file" and where:
            with Path(where.removeprefix("//")).open("rb") as file:
                line = file.readline(_MAX_PIN)
        else:
            raise SignerLocked("pin-source is fd:NUMBER, env:NAME or file:/path")
        pin = line.rstrip(b"\r\n").decode()
        if not pin:
            raise SignerLocked(f"there is no PIN in {self.pin_source}")
        return pin


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if not equals or name not in known or name in found:
            raise SignerUnknown(f"the attribute {name!r:.80} of the PKCS#11 URI is not known here, or stands twice")
        found[name] = unquote_to_bytes(value)
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise SignerUnknown("an attribute of the PKCS#11 URI is not UTF-8") from None
