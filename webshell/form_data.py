"""What a form sent: texts only, bounded, by name; and what was wrong with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

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
    if (request.content_length or 0) > MAX_FORM:
        raise web.HTTPRequestEntityTooLarge(MAX_FORM, request.content_length or 0)
    try:
        sent = await request.post()
    except (UnicodeDecodeError, ValueError, LookupError):
        raise web.HTTPBadRequest from None
    if len(sent) > _MAX_FIELDS:
        raise web.HTTPBadRequest
    fields: dict[str, str] = {}
    for name, value in sent.items():
        if name in fields or not isinstance(value, str):
            raise web.HTTPBadRequest
        fields[name] = value
    return Form(fields)


def _typeable(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") for character in text)
