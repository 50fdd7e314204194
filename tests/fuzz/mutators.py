"""From bytes that are well formed to bytes that are not quite: one mutator a kind of input.

A mutator takes the seed, the decisions, and the other seeds of its target to take parts from. Each knows the structure
of its kind down to what is inside: the JSON in a JWT, the JWT in a data URL, the CBOR in a COSE payload, the sheet in a
workbook, the cell in a database.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import cbor2

from vc.qr import base45
from vc.qr.dictionary import DICTIONARY

from . import trees
from .choices import Choices, chance, pick

__all__ = [
    "Mutator",
    "cbor",
    "compact",
    "database",
    "dumps",
    "http",
    "json_document",
    "json_lines",
    "packed_text",
    "qr",
    "raw",
    "text",
    "workbook",
]

Mutator = Callable[[bytes, Choices, Sequence[bytes]], bytes]

_TOKENS = (
    b"\0", b"\xff", b"\x80", b"\xef\xbb\xbf", b"\r\n", b"\n", b" ", b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"[",
    b"]}", b",", b":", b".", b"~", b"=", b"+", b"/", b"%", b"%00", b"#", b"?", b"<", b">", b"&", b"@", b"_:",
    b"<!DOCTYPE x>", b"1e999", b"99999999999999999999", b"-", b"null", b"\xe7\x8e\x8b", b"\x1f\x8b", b"\x78\x9c",
    b"PK\x03\x04", b"\xc2\x41", b"\xd2", b"\x9f", b"\xbf", b"\x5f", b"\xfb\x7f\xf0\0\0\0\0\0\0", b"A" * 300,
    b"../" * 20, "é".encode() * 40,
)  # fmt: skip


def raw(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """Any bytes: flipped, cut, doubled, spliced."""
    changed = bytearray(data)
    for _ in range(1 + choices.below(3)):
        at = choices.below(len(changed) + 1)
        kind = choices.below(6)
        if kind == 0 and changed:
            changed[min(at, len(changed) - 1)] ^= 1 << choices.below(8)
        elif kind == 1:
            changed[at:at] = pick(choices, _TOKENS)
        elif kind == 2:
            del changed[at : at + 1 + choices.below(16)]
        elif kind == 3:
            changed[at:at] = changed[at : at + 1 + choices.below(200)]
        elif kind == 4:
            del changed[at:]
        elif spare:
            other = pick(choices, spare)
            start = choices.below(len(other) + 1)
            changed[at : at + choices.below(64)] = other[start : start + 1 + choices.below(200)]
    return bytes(changed)


def text(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """Text: as ``raw``, and whole lines taken away, doubled, swapped."""
    if chance(choices, 2):
        return raw(data, choices, spare)
    lines = data.split(b"\n")
    at, other = choices.below(len(lines)), choices.below(len(lines))
    kind = choices.below(4)
    if kind == 0:
        lines[at] = raw(lines[at], choices, spare)
    elif kind == 1:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 2:
        lines.insert(other, lines[at])
    else:
        del lines[at]
    return b"\n".join(lines)


# --- JSON and what carries it ---------------------------------------------------------------------------------------


def dumps(value: Any) -> bytes:
    """JSON text. A name that ends in NUL stands for the name without it, so that members can be given twice."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).replace('\\u0000":', '":')
    return written.encode("utf-8", "surrogatepass")


def json_document(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """A JSON document changed as a tree, seldom as text."""
    if chance(choices, 12):
        return raw(data, choices, spare)
    value = _read(data)
    if value is None:
        return raw(data, choices, spare)
    changed = trees.mutate(value, choices, [other for item in spare[:8] if (other := _read(item))], within=_within)
    return _respelt(dumps(changed), choices)


def _read(data: bytes) -> Any:
    """The JSON value of ``data``; None when it is none, or null."""
    with suppress(ValueError, RecursionError):
        return json.loads(data)
    return None


def _respelt(written: bytes, choices: Choices) -> bytes:
    """The same JSON written otherwise, once in a while."""
    if not chance(choices, 10):
        return written
    return pick(
        choices,
        (b" " + written + b"\n", b"\xef\xbb\xbf" + written, written.replace(b":", b"\\u003a", 1), written * 2,
         json.dumps(json.loads(written)).encode() if b"\xed" not in written else written,
         written.replace(b"e", b"\\u0065", 1)),
    )  # fmt: skip


def json_lines(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """JSON Lines: one line as a document, or the lines as lines."""
    if chance(choices, 4):
        return text(data, choices, spare)
    lines = data.split(b"\n")
    at = choices.below(len(lines))
    lines[at] = json_document(lines[at], choices, [line for item in spare for line in item.split(b"\n") if line])
    return b"\n".join(lines)


def _within(value: str | bytes, choices: Choices) -> str | bytes:
    """What a text or a byte string of a tree holds: a JWT, a data URL of one, an encoded list, JSON or CBOR."""
    if isinstance(value, bytes):
        return cbor(value, choices) if not value.startswith(b"{") else json_document(value, choices)
    start, comma, rest = value.rpartition(",")
    if value.startswith("data:") and comma:
        return start + comma + compact(rest.encode(), choices).decode("utf-8", "replace")
    if value.count(".") == 2:
        return compact(value.encode(), choices).decode("utf-8", "replace")
    return raw(value.encode("utf-8", "surrogatepass"), choices).decode("utf-8", "replace")


def compact(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """A JWT or an SD-JWT in compact serialisation: a part decoded, changed, encoded; disclosures moved about."""
    if chance(choices, 12):
        return raw(data, choices, spare)
    parts = data.split(b"~")
    at = choices.below(len(parts))
    if len(parts) > 1 and chance(choices, 3):
        kind = choices.below(4)
        other = pick(choices, spare).split(b"~") if spare else parts
        if kind == 0:
            parts.insert(at, parts[at])
        elif kind == 1:
            del parts[at]
        elif kind == 2:
            parts[at], parts[0 - at] = parts[0 - at], parts[at]
        else:
            parts[at] = pick(choices, other)
        return b"~".join(parts)
    pieces = parts[at].split(b".")
    index = choices.below(len(pieces))
    if spare and chance(choices, 6):
        others = pick(choices, spare).split(b"~")[0].split(b".")
        pieces[index] = pick(choices, others)
    else:
        pieces[index] = _encoded_part(pieces[index], choices)
    parts[at] = b".".join(pieces)
    return b"~".join(parts)


def _encoded_part(part: bytes, choices: Choices) -> bytes:
    """Base64url, decoded and encoded again; its spelling seldom."""
    if chance(choices, 8):
        return pick(choices, (part + b"=", part + b"A", part[:-1], part.replace(b"_", b"/"), b"", part + b"\n"))
    try:
        content = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
        inside = json_document(content, choices) if content[:1] in b"{[" and content else raw(content, choices)
    except (ValueError, binascii.Error):
        return raw(part, choices)
    return base64.urlsafe_b64encode(inside).rstrip(b"=")


def packed_text(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """Multibase base64url of GZIP (an encodedList): the text, the packed bytes, or the bits."""
    kind = choices.below(3)
    if kind == 0:
        return raw(data, choices, spare)
    try:
        packed = base64.urlsafe_b64decode(data[1:] + b"=" * (-(len(data) - 1) % 4))
        if kind == 2:
            packed = zlib.compress(raw(zlib.decompress(packed, 31), choices), wbits=31)
        else:
            packed = raw(packed, choices)
    except (ValueError, zlib.error):
        return raw(data, choices, spare)
    return data[:1] + base64.urlsafe_b64encode(packed).rstrip(b"=")


# --- CBOR, and what carries it --------------------------------------------------------------------------------------


def cbor(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """A CBOR item changed as a tree: tags, maps, arrays, what byte strings hold; seldom as bytes."""
    if chance(choices, 5):
        return raw(data, choices, spare)
    try:
        value = cbor2.loads(data)
        tag = value.tag if isinstance(value, cbor2.CBORTag) else None
        content = value.value if isinstance(value, cbor2.CBORTag) else value
        content = trees.mutate(_listed(content), choices, within=_within)
        if tag is not None and not chance(choices, 12):
            content = cbor2.CBORTag(tag, content)
        return cbor2.dumps(content)
    except Exception:  # Whatever can't be read or written as CBOR is changed as bytes.
        return raw(data, choices, spare)


def _listed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_listed(item) for item in value]
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return value


def qr(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """The texts of QR symbols, a line each: as texts, or the one message that a single symbol carries."""
    head, _, rest = data.partition(b":")
    if b"\n" in data.strip() or not chance(choices, 2):
        return text(data, choices, spare)
    try:
        unpacker = zlib.decompressobj(15, zdict=DICTIONARY)
        packed = base45.decode(rest.strip().decode())
        message = cbor(unpacker.decompress(packed), choices)
    except (ValueError, zlib.error):
        return text(data, choices, spare)
    packer = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_DEFAULT_STRATEGY, DICTIONARY)
    return head + b":" + base45.encode(packer.compress(message) + packer.flush()).encode()


# --- Files -----------------------------------------------------------------------------------------------------------


def workbook(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """A CSV as text; an XLSX member by member, seldom as bytes."""
    if not data.startswith(b"PK"):
        return text(data, choices, spare)
    if chance(choices, 6):
        return raw(data, choices)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error, EOFError):
        return raw(data, choices)
    name = pick(choices, sorted(members, key=lambda n: "worksheets" not in n))
    kind = choices.below(4)
    if kind < 2:
        members[name] = _xml(members[name], choices)
    elif kind == 2:
        del members[name]
    else:
        members[pick(choices, ("../x", "xl/worksheets/sheet2.xml", "/etc/x", "[Content_Types].xml", "xl/x\0y"))] = (
            members[name]
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


_PIECES = (
    b"f>1+1</f>", b"!--" + b"x" * 50, b"mergeCell ref='A1:Z9999999'/>", b"row r='99999999'>", b"v>nan</v>",
    b"c r='ZZZZ1' t='s'><v>9999</v></c>", b"c t='n'><v>1e400</v></c>", b"c t='d'><v>x</v></c>",
    b"?xml version='1.0' encoding='utf-16'?>",
)  # fmt: skip


def _xml(content: bytes, choices: Choices) -> bytes:
    if chance(choices, 3):
        return raw(content, choices)
    pieces = content.split(b"<")
    at, other = choices.below(len(pieces)), choices.below(len(pieces))
    kind = choices.below(4)
    if kind == 0:
        pieces[at] = pick(choices, _PIECES)
    elif kind == 1:
        pieces.insert(other, pieces[at])
    elif kind == 2:
        del pieces[at]
    else:
        pieces[at] = raw(pieces[at], choices)
    return b"<".join(pieces)


def database(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """An SQLite file: one value of one row, or bytes of its pages."""
    if not chance(choices, 2):
        return raw(data, choices)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d.db")
        path.write_bytes(data)
        try:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA ignore_check_constraints = ON")
                names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
                table = pick(choices, sorted(name for name in names if not name.startswith("sqlite_")))
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                column = pick(choices, columns)
                _change_cell(connection, table, column, choices)
                connection.commit()
            return path.read_bytes()
        except (sqlite3.Error, OverflowError, ValueError):
            return raw(data, choices)


def _change_cell(connection: sqlite3.Connection, table: str, column: str, choices: Choices) -> None:
    kind = choices.below(5)
    if kind == 0:
        connection.execute(f"DELETE FROM {table}")
        return
    if kind == 1:
        connection.execute(f"DROP TABLE {table}")
        return
    row = connection.execute(f"SELECT rowid, {column} FROM {table}").fetchone()
    if row is None:
        return
    value = row[1]
    if isinstance(value, bytes):
        value = raw(value, choices)
    elif isinstance(value, str):
        value = pick(choices, ("", "x", value + "x", json_document(value.encode(), choices).decode("utf-8", "replace")))
    else:
        value = pick(choices, (0, -1, 2**40, 10**18, 7))
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row[0]))


def http(data: bytes, choices: Choices, spare: Sequence[bytes] = ()) -> bytes:
    """A request as text (request line, headers, empty line, body): its body as JSON, seldom its head."""
    head, _, body = data.partition(b"\n\n")
    if chance(choices, 5):
        return text(head, choices, [item.partition(b"\n\n")[0] for item in spare]) + b"\n\n" + body
    bodies = [found for item in spare if (found := item.partition(b"\n\n")[2])]
    return head + b"\n\n" + json_document(body or b"{}", choices, bodies)
