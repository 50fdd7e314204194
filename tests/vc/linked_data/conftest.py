"""Lets the tests of this folder import ``jsonld_lab``, and gives every document a template."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vc.linked_data.jsonld import context_cache
from vc.linked_data.templates import template as templates

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _every_document_gets_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are made at once, and nothing is remembered from other tests: each document here goes the quick way."""
    monkeypatch.setattr(templates, "_FIRST", 1)
    monkeypatch.setattr(templates, "_AGAIN", 1)
    for cache in (context_cache._LISTS, context_cache._INLINE):
        cache.known.clear()
