"""``help()`` of anything public fits a screen: no default value prints a registry, no docstring is a manual."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
from collections.abc import Iterator
from typing import Any

import pytest

import contexts
import did
import vc

LONGEST_SIGNATURE = 2_000
"""Characters."""

LONGEST_HELP = 60
"""Lines."""


def modules() -> list[str]:
    """Every module of the packages that other people call."""
    names = []
    for package in (contexts, did, vc):
        names.append(package.__name__)
        names += [found.name for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [name for name in names if not name.endswith((".generate", ".batch.worker"))]


def public(module: str) -> Iterator[tuple[str, Any]]:
    """What a module offers, with the public methods of its classes."""
    home = importlib.import_module(module)
    for name in getattr(home, "__all__", ()):
        thing = getattr(home, name)
        if callable(thing):
            yield name, thing
        if inspect.isclass(thing):
            for member, method in vars(thing).items():
                if inspect.isfunction(method) and not member.startswith("_"):
                    yield f"{name}.{member}", method


@pytest.mark.parametrize("module", modules())
def test_signatures_and_docstrings_are_short(module: str) -> None:
    for name, thing in public(module):
        try:
            signature = str(inspect.signature(thing))
        except (TypeError, ValueError):
            continue  # Made in C.
        assert len(signature) < LONGEST_SIGNATURE, (name, signature[:300])
        doc = inspect.getdoc(thing) or ""
        assert doc.count("\n") < LONGEST_HELP, name
        if inspect.isfunction(thing):
            shown = pydoc.render_doc(thing, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
            assert shown.count("\n") < LONGEST_HELP, name
            assert len(shown) < 2 * LONGEST_SIGNATURE + 80 * LONGEST_HELP, name


def test_the_walk_finds_what_there_is() -> None:
    found = dict(public("vc"))
    assert {"verify", "issue", "VerificationPolicy", "VerificationPolicy.with_"} <= set(found)
    assert len(modules()) > 100


def test_defaults_print_in_a_few_words() -> None:
    from vc.cards import CARDS
    from vc.scenarios import SCENARIOS

    for value in (contexts.CONTEXTS, CARDS, SCENARIOS):
        assert len(repr(value)) < 80
    assert str(len(CARDS)) in repr(CARDS)
