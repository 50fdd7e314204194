"""What a form sent: texts only, bounded, by name; and what was wrong with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from did.serving import body_of

__all__ = ["MAX_FORM", "Form", "FormProblem", "read_form"]

MAX_FORM = 64 * 1024
"""Bytes of a form, at most."""
_MAX_FIELDS = 64


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong with one field, for people."""

    field: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each once."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, most: int = 200) -> str:
        """The trimmed text of a field, empty when it is absent, too long or has characters that nobody types."""
        value = self.fields.get(name, "").strip()
        return value if len(value) <= most and _typeable(value) else ""

    def choice(self, name: str, known: Mapping[str, object] | frozenset[str] | set[str]) -> str | None:
        """The value of a field when it is one of those known."""
        value = self.fields.get(name, "")
        return value if value in known else None


async def read_form(request: web.Request) -> Form:
    """Read ``application/x-www-form-urlencoded``. Raises HTTPUnsupportedMediaType, HTTPBadRequest, 413 when too big."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType
    content = await body_of(request, MAX_FORM)
    charset = request.charset or "utf-8"
    try:
        text = content.rstrip().decode(charset)
        sent = parse_qsl(text, keep_blank_values=True, encoding=charset, max_num_fields=_MAX_FIELDS)
    except (UnicodeDecodeError, ValueError, LookupError):
        raise web.HTTPBadRequest from None
    fields: dict[str, str] = {}
    for name, value in sent:
        if name in fields:
            raise web.HTTPBadRequest
        fields[name] = value
    return Form(fields)


def _typeable(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") for character in text)
