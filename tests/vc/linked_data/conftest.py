"""Lets the tests of this folder import ``jsonld_lab``, and gives every document a form."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vc.linked_data.jsonld import context_cache
from vc.linked_data.templates import template as forms

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _every_document_gets_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are made at once, and nothing is remembered from other tests: so each document here goes the fast way."""
    monkeypatch.setattr(forms, "_FIRST", 1)
    monkeypatch.setattr(forms, "_AGAIN", 1)
    for cache in (context_cache._LISTS, context_cache._INLINE):
        cache.known.clear()
