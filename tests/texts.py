"""A further language for tests: a compiled catalogue, as gettext's tools write it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import TypeAlias

AddLanguage: TypeAlias = Callable[[str, Mapping[tuple[str, str], str]], None]


def compiled(entries: Mapping[tuple[str, str], str]) -> bytes:
    """A catalogue (GNU gettext manual 10.3) of pairs: Chinese is the context, English the id."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    texts |= {f"{zh}\x04{en}": text for (zh, en), text in entries.items()}
    rows = sorted((key.encode(), text.encode()) for key, text in texts.items())
    head = 28 + 16 * len(rows)
    tables, data = [b"", b""], b""
    for column in (0, 1):
        for row in rows:
            tables[column] += struct.pack("<II", len(row[column]), head + len(data))
            data += row[column] + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(rows), 28, 28 + 8 * len(rows), 0, 0) + tables[0] + tables[1] + data
