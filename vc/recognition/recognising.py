"""From bytes, text or a parsed object to a Recognition: which reader looks at it. Bounded, and believes nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from ..envelope.cose import looks_like_cose
from ..parsing import LIMITS
from ..problems import ProblemError
from . import json_values, pictures, texts
from .budget import Budget
from .result import Carried, Recognition

__all__ = ["MAX_SIZE", "recognise"]

MAX_SIZE: Final = 16 * 1024 * 1024
"""Bytes that are looked at, at most (pictures are larger than credentials, whose own limit is that of vc.parsing)."""

_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MAGIC: Final = (
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"RIFF", "picture"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
)
_CBOR_TEXT: Final = re.compile(rb"[\x60-\x7b]([A-Za-z]{4,16})")


def recognise(data: bytes | bytearray | str | dict[str, Any]) -> Recognition:
    """What ``data`` is: a file's bytes, text, or a JSON object that was parsed within the limits of vc.parsing.

    Never raises for any bytes or text, verifies nothing and fetches nothing.
    """
    budget = Budget()
    if isinstance(data, dict):
        return json_values.of_object(data, budget, _nested)
    if isinstance(data, str):
        return _of_text(data, budget)
    return _of_bytes(bytes(data), budget)


def _nested(value: bytes | str, budget: Budget) -> Recognition:
    """What a string in a JSON document, or what was unpacked, is."""
    return _of_text(value, budget) if isinstance(value, str) else _of_bytes(value, budget)


def _of_bytes(data: bytes, budget: Budget) -> Recognition:
    if len(data) > MAX_SIZE:
        return Recognition("unknown", data, left_off=True)
    if not data.strip():
        return Recognition("empty", data)
    if data.startswith(pictures.PNG):
        return pictures.of_png(data, budget, _nested)
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return Recognition(kind, data)
    if looks_like_cose(data) and data[:1] != b"\xef":
        return Recognition("cose", data)
    if data[0] & 0xE0 == 0xA0 or data[:3] == b"\xd8\x18\x58":
        return _of_cbor(data)
    if data[:2] == b"\xd9\x05" or data[:3] == b"\xd9\xcb\x1d":  # The tags of CBOR-LD, old and present.
        return Recognition("cbor-ld", data)
    return _decoded(data, budget)


def _of_cbor(data: bytes) -> Recognition:
    """A CBOR map, told by the names in it; it is not decoded, as nothing here verifies one."""
    names = {match[1] for match in _CBOR_TEXT.finditer(data[:65536])}
    if any(name.startswith((b"issuerAuth", b"nameSpaces")) for name in names):
        shown = any(name.startswith((b"documents", b"deviceSigned")) for name in names)
        return Recognition("mdoc-device-response" if shown else "mdoc-issuer-signed", data, "ISO/IEC 18013-5")
    return Recognition("cbor", data)


def _decoded(data: bytes, budget: Budget) -> Recognition:
    """Bytes of text: UTF-8, with a byte order mark or without; UTF-16 and UTF-32 are said and read, too."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if encoding is None and b"\x00" in data[:64]:
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be" if data[:1] == b"\x00" else None
    if encoding is not None:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            return Recognition("unknown", data)
        inner = _of_text(text, budget)
        name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        return Recognition("text-encoding", data, name, carried=(Carried("", inner),))
    marked = data.startswith(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Recognition("unknown", data)
    found = _of_text(text, budget, plain=not marked)
    if marked:
        remark = ("it began with a byte order mark, which was left out", "开头有字节顺序标记（BOM），已略去")
        return replace(found, remarks=(remark, *found.remarks))
    if isinstance(found.content, str) and found.content == text and found.kind in ("unknown", "json"):
        return replace(found, content=data)
    return found


def _of_text(text: str, budget: Budget, *, plain: bool = True) -> Recognition:
    if not budget.enter():
        return Recognition("unknown", text, left_off=True)
    try:
        return _by_its_start(text, budget)
    finally:
        budget.leave()


def _by_its_start(text: str, budget: Budget) -> Recognition:
    bare = text.strip()
    if not bare:
        return Recognition("empty", text)
    if len(bare) > LIMITS.size and bare[0] != "<":
        return Recognition("unknown", text, left_off=True)
    if bare[0] == "<":
        return pictures.of_markup(bare, budget, _nested)
    if bare[0] in '{["':
        try:
            value = json_values.parse(bare)
        except ProblemError:
            return texts.of_lines(bare) or Recognition("unknown", text)
        if isinstance(value, dict):
            # The text is handed on, not what was made of it: vc.verify reads it by its own rules.
            found = json_values.of_object(value, budget, _nested)
            return replace(found, content=text) if found.described.verifiable or found.kind == "json" else found
        return json_values.of_other(value, budget, _nested)
    return texts.of_text(bare, budget, _nested) or Recognition("unknown", text)
