"""Reading N-Quads (RDF 1.1 N-Quads)."""

from __future__ import annotations

import re
from typing import Final

from ..jsonld.faults import Fault
from ..jsonld.iri import is_absolute
from ..jsonld.plan import language_tail
from .literal import quote_exactly
from .quads import Link, Quads

__all__ = ["parse_nquads"]

_IRI = r'<((?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*)>'
_BLANK = r"_:([A-Za-z0-9_\u00b7-\U0010ffff](?:[A-Za-z0-9_.\-\u00b7-\U0010ffff]*[A-Za-z0-9_\-\u00b7-\U0010ffff])?)"
_STRING = r'"((?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*)"'
_LANGUAGE = r"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)"
_QUAD: Final = re.compile(
    rf"[ \t]*(?:{_IRI}|{_BLANK})[ \t]*{_IRI}[ \t]*(?:{_IRI}|{_BLANK}|{_STRING}(?:\^\^{_IRI}|{_LANGUAGE})?)"
    rf"[ \t]*(?:(?:{_IRI}|{_BLANK})[ \t]*)?\.[ \t]*(?:#.*)?\Z"
)
_EMPTY: Final = re.compile(r"[ \t]*(?:#.*)?\Z")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CHARACTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_STRING_TYPE: Final = "http://www.w3.org/2001/XMLSchema#string"


def parse_nquads(text: str) -> Quads:
    """The quads of a text. Raises Fault (rdfc.syntax) naming the line."""
    quads = Quads()
    blanks: dict[str, int] = {}

    def blank(label: str | None) -> int | None:
        return None if label is None else blanks.setdefault(label, len(blanks))

    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        match = _QUAD.match(line)
        if match is None:
            if _EMPTY.match(line):
                continue
            raise Fault("rdfc.syntax", f"line {number} is no N-Quad")
        try:
            parts = match.groups()
            subject, graph = blank(parts[1]), blank(parts[9])
            head = f"{_iri(parts[2])} " if subject is not None else f"{_iri(parts[0])} {_iri(parts[2])} "
            tail = " .\n" if parts[8] is None else f" {_iri(parts[8])} .\n"
            if parts[4] is not None:
                quads.links.append(Link(subject, head, blanks.setdefault(parts[4], len(blanks)), tail, graph))
            else:
                term = _iri(parts[3]) if parts[3] is not None else _literal(parts[5], parts[6], parts[7])
                end = tail if graph is None else ""
                quads.group(subject, graph).texts.append(f"{head}{term}{end}")
        except (ValueError, OverflowError) as error:
            raise Fault("rdfc.syntax", f"line {number}: {error}") from None
    quads.count = len(blanks)
    quads.repeats = True
    quads.names = list(blanks)
    return quads


def _iri(text: str) -> str:
    iri = _unescape(text)
    if not is_absolute(iri):
        raise ValueError("an IRI that is not absolute")
    return f"<{iri}>"


def _literal(text: str, datatype: str | None, language: str | None) -> str:
    quoted = quote_exactly(_unescape(text)).decode()
    if language is not None:
        if language_tail(language) is None:
            raise ValueError("a language tag that is not well formed")
        return f"{quoted}@{language}"
    if datatype is None or datatype == _STRING_TYPE:
        return quoted
    return f"{quoted}^^{_iri(datatype)}"


def _unescape(text: str) -> str:
    if "\\" in text:
        text = _ESCAPE.sub(_character, text)
    text.encode()  # No lone surrogates. UnicodeEncodeError is a ValueError.
    return text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _CHARACTERS[match[3]]
